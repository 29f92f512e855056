import { fileURLToPath } from 'node:url';

/** The command as a file, for processes that run it again. */
export const programFile = fileURLToPath(new URL('../dist/rookery.js', import.meta.url));
