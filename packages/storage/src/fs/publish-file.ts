import { randomUUID } from 'node:crypto';
import { type FileHandle, link, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolders, RookeryError } from '@rookery/contracts';
import { errnoOf } from './fs-errors.ts';
import type { FsPaths } from './fs-paths.ts';
import { lockName } from './lock-name.ts';
import { whenFilesAreFree } from './open-files.ts';
import { syncFolder } from './sync-folder.ts';
import { sweepTemporary, temporary } from './temporary-files.ts';

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
      await sweepTemporary(folder, (await file.stat()).mtimeMs);
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
      // Without hard links, whoever has the lock may look and rename.
      await using _lock = await lockName(target, key, error);
      return (await this.#isObject(target, key)) ? 'exists' : await this.#rename(written, target);
    }
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
