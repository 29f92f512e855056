import { type Dirent, lstatSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError } from './local-file.ts';
import { looksLikePicture } from './suffixes.ts';

export interface FolderEntry {
  /** The folder as it was given, and the way below it. */
  readonly path: string;
  /** Where a folder could not be listed. */
  readonly error?: Error;
}

/**
 * The pictures of a folder by their suffix, in the order of their names, folder by folder; hidden ones and what has no picture's
 * suffix left out. One folder's names are in memory at a time. A folder named like a picture counts as one, so that it gets its error.
 * Links to folders are not followed: they may lead in a circle.
 */
export async function* listFolder(folder: string, recursive: boolean): AsyncGenerator<FolderEntry> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    yield { path: folder, error: fileError(error, folder) };
    return;
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (looksLikePicture(entry.name)) yield { path };
    else if (recursive && isFolder(entry, path)) yield* listFolder(path, recursive);
  }
}

/** Some file systems do not tell the type of an entry. */
function isFolder(entry: Dirent, path: string): boolean {
  const typeKnown = entry.isFile() || entry.isSymbolicLink() || entry.isFIFO() || entry.isSocket();
  return entry.isDirectory() || (!typeKnown && lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true);
}
