import { fileURLToPath } from 'node:url';

/**
 * The folder of the starter model that ships with Rookery: its manifest.json and its files. `dist/starter` of this package, and of the
 * program that this package is bundled into.
 */
export const starterFolder = (): string => fileURLToPath(new URL('../dist/starter/', import.meta.url));
