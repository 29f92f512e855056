import { type Stats, statSync } from 'node:fs';
import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { RookeryError, throwIfAborted } from '@rookery/contracts';
import type { ListOptions, ObjectInfo } from '../object-store.ts';
import { compareUtf8, sortUtf8 } from '../utf8-order.ts';
import { errnoOf, fsError, noFolder } from './fs-errors.ts';
import { infoOf } from './fs-info.ts';
import { type FsPaths, isFsPrefix, isReserved } from './fs-paths.ts';
import { whenFilesAreFree } from './open-files.ts';

/** A folder that is being listed: its entries in the order of the keys (folders with `/` at their end), and how far it is. */
interface Level {
  readonly folder: string;
  readonly entries: readonly string[];
  /** Names that are links: they count where they lead to a file inside the store. */
  readonly links: ReadonlySet<string>;
  next: number;
}

/**
 * Reads the names of one folder that can still matter and sorts them as the full keys sort. A folder `a` sorts as `a/`, since that is
 * how its keys begin: `a-b` comes before `a/b`. Memory is bounded by the largest folder.
 */
async function readLevel(path: string, folder: string, prefix: string, startAfter: string): Promise<Level> {
  const entries: string[] = [];
  const links = new Set<string>();
  const matters = (key: string, isFolder: boolean): boolean => {
    if (!(key.startsWith(prefix) || (isFolder && prefix.startsWith(key)))) return false;
    if (startAfter === '') return true;
    return (isFolder && startAfter.startsWith(key)) || compareUtf8(key, startAfter) > 0;
  };
  try {
    const directory = await whenFilesAreFree(() => opendir(path, { bufferSize: 512 }));
    for await (const entry of directory) {
      if (isReserved(entry.name)) continue;
      const isFolder = entry.isDirectory();
      if (!isFolder && !entry.isFile() && !entry.isSymbolicLink()) continue;
      const name = isFolder ? `${entry.name}/` : entry.name;
      if (!matters(folder + name, isFolder)) continue;
      entries.push(name);
      if (entry.isSymbolicLink()) links.add(name);
    }
  } catch (error) {
    const errno = errnoOf(error);
    // Gone meanwhile, or never there: nothing in it.
    if (errno !== 'ENOENT' && errno !== 'ENOTDIR') throw error;
  }
  return { folder, entries: sortUtf8(entries), links, next: 0 };
}

const ifThere = <T>(error: unknown): T | undefined => {
  const errno = errnoOf(error);
  if (errno === 'ENOENT' || errno === 'ENOTDIR' || errno === 'ELOOP') return undefined;
  throw error;
};

/** Above this the file system is not one that answers from memory, and asking it must not hold up everything else. Microseconds. */
const slowStatUs = 100;
const statsAtOnce = 32;

/**
 * Sizes and times of many files. Asking at once costs a tenth of asking through the thread pool while the file system answers from
 * memory, so it is tried in small pieces and given up as soon as they are slow.
 */
class FileStats {
  #slow = false;

  async of(paths: readonly string[]): Promise<(Stats | undefined)[]> {
    const found: (Stats | undefined)[] = [];
    for (let i = 0; i < paths.length; i += statsAtOnce) {
      const piece = paths.slice(i, i + statsAtOnce);
      if (this.#slow) {
        found.push(...(await Promise.all(piece.map((path) => stat(path).catch(ifThere<Stats>)))));
        continue;
      }
      const start = performance.now();
      for (const path of piece) found.push(statSync(path, { throwIfNoEntry: false }));
      if (((performance.now() - start) * 1000) / piece.length > slowStatUs) this.#slow = true;
      if (i % 256 === 0) await turn();
    }
    return found;
  }
}

/** Pages of what lies below the folder. Links to folders are not followed (they may form circles), links out of the store not listed. */
export async function* listFolder(
  paths: FsPaths,
  prefix: string,
  options: ListOptions & { readonly mustExist: boolean },
): AsyncGenerator<readonly ObjectInfo[]> {
  const { startAfter = '', pageSize = 1000, signal } = options;
  if (!isFsPrefix(prefix)) return;
  const base = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  const stats = new FileStats();
  try {
    await checkRoot(paths.root, options.mustExist);
    if (base !== '') {
      if (!(await leadsInside(paths, base.slice(0, -1)))) return;
    }
    const levels = [await readLevel(join(paths.root, base), base, prefix, startAfter)];
    let keys: string[] = [];
    const page = async (): Promise<ObjectInfo[]> => {
      const found = await stats.of(keys.map((key) => join(paths.root, key)));
      const infos = keys.flatMap((key, i) => {
        const at = found[i];
        return at?.isFile() ? [infoOf(key, at)] : [];
      });
      keys = [];
      return infos;
    };
    for (let level = levels.at(-1); level; level = levels.at(-1)) {
      throwIfAborted(signal);
      const name = level.entries[level.next++];
      if (name === undefined) {
        levels.pop();
        continue;
      }
      const key = level.folder + name;
      if (name.endsWith('/')) {
        levels.push(await readLevel(join(paths.root, key), key, prefix, startAfter));
        continue;
      }
      if (level.links.has(name) && !(await leadsInside(paths, key))) continue;
      keys.push(key);
      if (keys.length >= pageSize) {
        const full = await page();
        if (full.length > 0) yield full;
      }
    }
    const last = await page();
    if (last.length > 0) yield last;
  } catch (error) {
    throw fsError(error, `listing ${JSON.stringify(prefix)}`);
  }
}

/** A folder that is not there is empty, unless it must be there; a file in its place is nothing that keys could be in. */
async function checkRoot(root: string, mustExist: boolean): Promise<void> {
  const found = await stat(root).catch(ifThere<Stats>);
  if (found ? !found.isDirectory() : mustExist) throw noFolder(root, found !== undefined);
}

async function leadsInside(paths: FsPaths, key: string): Promise<boolean> {
  try {
    await paths.resolve(join(paths.root, key), key);
    return true;
  } catch (error) {
    if (error instanceof RookeryError) return false;
    ifThere(error);
    return false;
  }
}
