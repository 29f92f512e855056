import { randomUUID } from 'node:crypto';
import { type FileHandle, link, mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolders, RookeryError } from '@rookery/contracts';
import { errnoOf } from './fs-errors.ts';
import type { FsPaths } from './fs-paths.ts';
import { reservedNames } from './fs-paths.ts';
import { whenFilesAreFree } from './open-files.ts';

const temporary = `${reservedNames}tmp`;
/** Older than this, a file being written is what a process left that died. */
const staleMs = 24 * 3600_000;
/** The same lock seen for so long is that of a process that died. By a clock that does not jump. */
const lockHeldMs = 10_000;
const lockPatienceMs = 30_000;
const noLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EACCES']);

/** Makes files appear whole or not at all: written beside, synced, then linked or renamed into their place. */
export class FilePublisher {
  readonly #paths: FsPaths;
  readonly #sync: boolean;
  readonly #nowUs: () => number;
  readonly #linkFile: typeof link;
  #swept = false;

  constructor(paths: FsPaths, options: { sync: boolean; nowUs: () => number; link?: typeof link }) {
    this.#paths = paths;
    this.#sync = options.sync;
    this.#nowUs = options.nowUs;
    this.#linkFile = options.link ?? link;
  }

  /** Writes through `fill` and publishes under the key. `exists`: only where `ifAbsent` is asked and something lies there. */
  async publish(
    key: string,
    options: { ifAbsent: boolean },
    fill: (file: FileHandle) => Promise<void>,
  ): Promise<'created' | 'exists'> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#publishOnce(key, options, fill);
      } catch (error) {
        // Somebody whose clock is a day off took it for what a process left that died.
        if (!(error instanceof SweptError) || attempt >= 3) throw error instanceof SweptError ? error.cause : error;
      }
    }
  }

  async #publishOnce(
    key: string,
    options: { ifAbsent: boolean },
    fill: (file: FileHandle) => Promise<void>,
  ): Promise<'created' | 'exists'> {
    const target = this.#paths.pathOf(key);
    // Most of what is put a second time is known at the cost of a look.
    if (options.ifAbsent && (await this.#isObject(target, key))) return 'exists';
    const written = await this.#write(join(this.#paths.root, temporary), fill);
    try {
      return await this.#place(written, target, key, options.ifAbsent);
    } catch (error) {
      if (errnoOf(error) !== 'EXDEV') throw error;
      // A part of the tree lies on a file system of its own: write beside the target.
      const beside = await this.#write(dirname(target), fill);
      try {
        return await this.#place(beside, target, key, options.ifAbsent);
      } finally {
        await rm(beside, { force: true });
      }
    } finally {
      await rm(written, { force: true });
    }
  }

  async #write(folder: string, fill: (file: FileHandle) => Promise<void>): Promise<string> {
    const path = join(folder, `${temporary}-${randomUUID()}`);
    const create = () => whenFilesAreFree(() => open(path, 'wx'));
    let file: FileHandle;
    try {
      file = await create();
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
      await makeFolders(folder);
      file = await create();
    }
    if (!this.#swept) {
      this.#swept = true;
      // The file system's own clock, whatever ours says.
      await sweep(folder, (await file.stat()).mtimeMs);
    }
    try {
      await fill(file);
      // Times are cut to microseconds on their way (Node 20, 22): a quarter of one keeps rounding from reaching the one before.
      const seconds = (this.#nowUs() + 0.25) / 1e6;
      await file.utimes(seconds, seconds);
      if (this.#sync) await file.sync();
    } catch (error) {
      await file.close();
      await rm(path, { force: true });
      throw error;
    }
    await file.close();
    return path;
  }

  /** Repeats while somebody prunes the folder that was just made. */
  async #place(written: string, target: string, key: string, ifAbsent: boolean): Promise<'created' | 'exists'> {
    const folder = dirname(target);
    for (let attempt = 0; ; attempt++) {
      try {
        await this.#paths.resolve(folder, key);
        const outcome = ifAbsent ? await this.#link(written, target, key) : await this.#rename(written, target);
        if (outcome === 'created' && this.#sync) await syncFolder(folder);
        return outcome;
      } catch (error) {
        const errno = errnoOf(error);
        if (errno === 'ENOENT' && !(await isThere(written))) throw new SweptError(error);
        if (errno === 'ENOENT' && attempt < 20) await this.#makeFolder(folder, key);
        else if (errno === 'ENOTDIR' || errno === 'EISDIR' || errno === 'ENOTEMPTY') throw inTheWay(key, error);
        else throw error;
      }
    }
  }

  async #rename(written: string, target: string): Promise<'created'> {
    await rename(written, target);
    return 'created';
  }

  /** link(2) fails where the name exists: one of any number of racing processes wins. */
  async #link(written: string, target: string, key: string): Promise<'created' | 'exists'> {
    try {
      await this.#linkFile(written, target);
      return 'created';
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === 'EEXIST' && (await this.#isObject(target, key))) return 'exists';
      if (errno === undefined || !noLinks.has(errno)) throw error;
      return await this.#renameUnderLock(written, target, key, error);
    }
  }

  /** For file systems without hard links: whoever makes the lock's folder may look and rename. */
  async #renameUnderLock(written: string, target: string, key: string, cause: unknown): Promise<'created' | 'exists'> {
    const lock = join(dirname(target), `${temporary}-lock-${Buffer.from(key).toString('hex').slice(-64)}`);
    const startMs = performance.now();
    let held = { madeMs: -1, sinceMs: startMs };
    while (performance.now() - startMs < lockPatienceMs) {
      try {
        await mkdir(lock);
      } catch (error) {
        if (errnoOf(error) !== 'EEXIST') throw cause;
        const madeMs = (await stat(lock).catch(() => undefined))?.mtimeMs ?? -1;
        if (madeMs !== held.madeMs) held = { madeMs, sinceMs: performance.now() };
        // Its holder died: nobody needs ten seconds to look and rename.
        else if (performance.now() - held.sinceMs > lockHeldMs) await rmdir(lock).catch(() => {});
        await sleep(5);
        continue;
      }
      try {
        return (await this.#isObject(target, key)) ? 'exists' : await this.#rename(written, target);
      } finally {
        await rmdir(lock).catch(() => {});
      }
    }
    throw new RookeryError('STORE_UNAVAILABLE', { detail: `${key} stays locked`, cause });
  }

  /** @throws {RookeryError} KEY_INVALID where a folder has the name. */
  async #isObject(target: string, key: string): Promise<boolean> {
    const found = await stat(target).catch((error: unknown) => {
      const errno = errnoOf(error);
      if (errno === 'ENOENT' || errno === 'ENOTDIR') return undefined;
      throw error;
    });
    if (found?.isDirectory()) throw inTheWay(key);
    return found !== undefined;
  }

  async #makeFolder(folder: string, key: string): Promise<void> {
    try {
      const first = await makeFolders(folder);
      if (!first || !this.#sync) return;
      // New folders are durable once the folders that hold them are.
      for (let path = folder; path.length >= first.length; path = dirname(path)) await syncFolder(dirname(path));
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === 'EEXIST' || errno === 'ENOTDIR') throw inTheWay(key, error);
      if (errno !== 'ENOENT') throw error;
    }
  }
}

const inTheWay = (key: string, cause?: unknown) =>
  new RookeryError('KEY_INVALID', {
    detail: `${JSON.stringify(key)}: an object and a folder cannot have one name`,
    cause,
  });

/** A name is durable once its folder is. Not every system can sync folders (Windows): there the file system orders it itself. */
async function syncFolder(folder: string): Promise<void> {
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

/** What was written is gone before it had its place. */
class SweptError extends Error {
  constructor(cause: unknown) {
    super('what was written is gone', { cause });
  }
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Removes what processes that died left of their writing. */
async function sweep(folder: string, nowMs: number): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(`${temporary}-`)) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found && nowMs - found.mtimeMs > staleMs) await rm(path, { force: true, recursive: true });
  }
}
