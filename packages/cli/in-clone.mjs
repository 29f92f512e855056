// `pnpm rookery` in a clone: pnpm goes to the root of it, and paths are meant from where it was called.
import process from 'node:process';

process.chdir(process.env.INIT_CWD ?? '.');
await import('./dist/rookery.js');
