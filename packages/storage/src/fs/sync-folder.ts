import { type FileHandle, open } from 'node:fs/promises';
import { errnoOf } from './fs-errors.ts';
import { whenFilesAreFree } from './open-files.ts';

/** A name is durable once its folder is. Not every system can sync folders (Windows): there the file system orders it itself. */
export async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle;
  try {
    handle = await whenFilesAreFree(() => open(folder, 'r'));
  } catch (error) {
    const errno = errnoOf(error);
    // Pruned meanwhile, or not to be opened here.
    if (errno === 'ENOENT' || errno === 'EISDIR' || errno === 'EPERM' || errno === 'EACCES') return;
    throw error;
  }
  try {
    await handle.sync();
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== 'EINVAL' && errno !== 'EPERM' && errno !== 'EISDIR') throw error;
  } finally {
    await handle.close();
  }
}
