import { openClassifier } from '@rookery/inference';
import { serveIsolation } from './isolation-server.ts';

serveIsolation(openClassifier);
