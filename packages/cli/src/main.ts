#!/usr/bin/env node
import module from 'node:module';
import process from 'node:process';

// Where Node can keep compiled code (22.1 and later), the second start skips compiling.
(module as { enableCompileCache?: () => void }).enableCompileCache?.();
const { run } = await import('./run.ts');
process.exit(await run(process.argv.slice(2)));
