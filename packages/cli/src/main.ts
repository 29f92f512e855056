#!/usr/bin/env node
import module from 'node:module';
import process from 'node:process';
import { setVariable } from './config/environment.ts';

// Where Node can keep compiled code (22.1 and later), the second start skips compiling.
(module as { enableCompileCache?: () => void }).enableCompileCache?.();

// package.json and `rookery doctor` report which Node is supported, not a library on everybody's stderr.
setVariable('AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED', 'true');

const argv = process.argv.slice(2);
// What takes longest comes first: the classifier's threads load their libraries while everything else is still being read.
const labels = argv[0] === 'classify' && argv.length > 1 && !argv.includes('--help') && !argv.includes('-h');
const early = labels ? (await import('./classify/early.ts')).startThreadsEarly() : undefined;
const { processHost, run } = await import('./run.ts');
process.exit(await run(argv, { ...processHost(), early }));
