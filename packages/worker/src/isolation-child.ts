import { openClassifier } from '@rookery/inference';
import { serveIsolation } from './isolation/isolation-server.ts';

serveIsolation(openClassifier);
