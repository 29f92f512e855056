import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Names that listings skip and that clean-up removes once they are old. */
export const temporaryPrefix = '.tmp-';

export const temporaryName = (what: string): string => `${temporaryPrefix}${what}-${randomBytes(8).toString('hex')}`;

/** Writes a new file and waits until it is on the disk. */
export async function writeDurably(path: string, contents: Uint8Array | string): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await handle.writeFile(contents);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Puts a file in the place of another: readers see all of the old one or all of the new one. */
export async function replaceFile(path: string, contents: Uint8Array | string): Promise<void> {
  const temporary = join(dirname(path), temporaryName(basename(path)));
  try {
    await writeDurably(temporary, contents);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Makes a rename in this folder durable, where the system can: Windows cannot open folders. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // The rename is atomic without it; only its survival of a power cut is the file system's affair.
  }
}
