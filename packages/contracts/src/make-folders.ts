import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { RookeryError } from './errors.ts';

/** Others may remove a folder that is empty while what lies in it is made: again so many times. */
const attempts = 20;

/**
 * Makes a folder and those above it, as `mkdir` with `recursive` does, and resolves to the first one made. Node's own never ends, and
 * keeps the process from ending, where the system says that a folder which is there is not (`/proc`, `/sys`, some mounts).
 * @throws the system's errors, as `mkdir`; {RookeryError} STORE_DENIED where nothing can be made
 */
export async function makeFolders(path: string): Promise<string | undefined> {
  const folder = resolve(path);
  const above = dirname(folder);
  let first: string | undefined;
  for (let attempt = 1; ; attempt++) {
    try {
      await mkdir(folder);
      return first ?? folder;
    } catch (error) {
      const found = await stat(folder).catch(() => undefined);
      if (found?.isDirectory()) return first;
      const { code } = error as NodeJS.ErrnoException;
      // Somebody else made it, and it was removed since.
      const isGone = code === 'EEXIST' && !found;
      if (!(code === 'ENOENT' || isGone) || above === folder) throw error;
      if (attempt > attempts) throw (await isFolder(above)) && !isGone ? cannot(folder, error) : error;
    }
    first = (await makeFolders(above)) ?? first;
  }
}

const cannot = (folder: string, cause: unknown): RookeryError =>
  new RookeryError('STORE_DENIED', { detail: `${folder}: no folder can be made here`, cause });

const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isDirectory() === true;
