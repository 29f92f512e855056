import { basename, extname } from 'node:path';

/** What a model file is called in a registry, where nobody names it: 1 to 64 of the characters that `ModelName` allows. */
export const modelNameOf = (file: string): string =>
  basename(file, extname(file))
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 64)
    .replace(/\.+$/, '') || 'model';
