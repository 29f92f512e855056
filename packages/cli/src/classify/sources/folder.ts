import { type Dirent, lstatSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { fileError } from './local-file.ts';
import { looksLikePicture } from './suffixes.ts';

export interface FolderEntry {
  /** The folder as it was given, and the way below it. */
  readonly path: string;
  /** The same as the file system has it, where that is no UTF-8. */
  readonly place?: Buffer | undefined;
  /** Where a folder could not be listed. */
  readonly error?: Error;
}

/**
 * The pictures of a folder by their suffix, in the order of their names, folder by folder; hidden ones and what has no picture's
 * suffix left out. One folder's names are in memory at a time. A folder named like a picture counts as one, so that it gets its error.
 * Links to folders are not followed: they may lead in a circle.
 */
export async function* listFolder(
  folder: string,
  recursive: boolean,
  place: string | Buffer = folder,
): AsyncGenerator<FolderEntry> {
  let entries: Dirent[];
  let odd: ReadonlyMap<string, Buffer[]> | undefined;
  try {
    entries = await readdir(place, { withFileTypes: true });
    if (entries.some(({ name }) => isOdd(name))) odd = await oddNames(place);
  } catch (error) {
    yield { path: folder, error: fileError(error, folder) };
    return;
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    const name = odd?.get(entry.name)?.shift();
    const isBytes = name !== undefined || typeof place !== 'string';
    const bytes = isBytes ? joinBytes(place, name ?? entry.name) : undefined;
    if (looksLikePicture(entry.name)) yield { path, place: bytes };
    else if (recursive && isFolder(entry, bytes ?? path)) yield* listFolder(path, recursive, bytes);
  }
}

/** Names may be any bytes. Where they are not UTF-8 this character replaces them, and a file is not found by such a name. */
const isOdd = (name: string): boolean => name.includes('\ufffd');

/** The bytes of such names; several may look alike. */
async function oddNames(folder: string | Buffer): Promise<ReadonlyMap<string, Buffer[]>> {
  const names = new Map<string, Buffer[]>();
  for (const bytes of await readdir(folder, { encoding: 'buffer' })) {
    const name = bytes.toString();
    if (isOdd(name)) names.set(name, [...(names.get(name) ?? []), bytes]);
  }
  return names;
}

const joinBytes = (folder: string | Buffer, name: string | Buffer): Buffer =>
  Buffer.concat([folder, sep, name].map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));

/** Some file systems do not tell the type of an entry. */
function isFolder(entry: Dirent, path: string | Buffer): boolean {
  const typeKnown = entry.isFile() || entry.isSymbolicLink() || entry.isFIFO() || entry.isSocket();
  return entry.isDirectory() || (!typeKnown && lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true);
}
