import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the clone: the first folder upwards that holds the workspace file. */
function findRoot(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'pnpm-workspace.yaml'))) return folder;
    if (folder === dirname(folder)) throw new Error('not inside a clone of the repository');
  }
}

export const repositoryRoot = findRoot();

/** Where fetched servers lie; ignored by git. */
export const cacheFolder = join(repositoryRoot, '.cache', 'services');
