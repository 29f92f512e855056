// The isolation child with a fault of our making: it dies over the pictures whose digests the environment names.
import process from 'node:process';
import { openClassifier } from '@rookery/inference';
import { serveIsolation } from '@rookery/worker';
import { dyingOver } from './dying-over.mjs';

serveIsolation(async (model, options) => dyingOver(process.env.CRASH_OVER ?? '', await openClassifier(model, options)));
