import { closeSync, constants, fstatSync, open, read, type Stats } from 'node:fs';
import { promisify } from 'node:util';
import { RookeryError, throwIfAborted } from '@rookery/contracts';
import type { GetOptions } from '../object-store.ts';
import { errnoOf, fsError } from './fs-errors.ts';
import { etagOf } from './fs-info.ts';
import { checkFsKey, type FsPaths } from './fs-paths.ts';
import { whenFilesAreFree } from './open-files.ts';

const openFile = promisify(open);
const readFrom = promisify(read);
const chunkBytes = 256 * 1024;

/**
 * A file open for reading. Only opening and reading go through the thread pool: what is asked of an open file costs a fiftieth of the
 * way there.
 */
export class FsReader {
  readonly key: string;
  readonly stats: Stats;
  /** What was asked for: the whole, or a range cut at the end. */
  readonly start: number;
  readonly length: number;
  readonly #file: number;
  #closed = false;
  #reading = false;

  private constructor(key: string, file: number, stats: Stats, range: GetOptions['range']) {
    this.key = key;
    this.#file = file;
    this.stats = stats;
    this.start = range?.start ?? 0;
    this.length = range ? Math.max(0, Math.min(range.end, stats.size - 1) - range.start + 1) : stats.size;
  }

  /** Opened without waiting (a fifo would), and only where it is a file inside the folder and what the options ask for. */
  static async open(paths: FsPaths, key: string, options: GetOptions): Promise<FsReader> {
    checkFsKey(key);
    throwIfAborted(options.signal);
    const notFound = (why: string) => new RookeryError('OBJECT_NOT_FOUND', { detail: `${key}: ${why}` });
    if (options.versionId !== undefined) throw notFound('a folder keeps no versions');
    const file = await openInside(paths, key);
    try {
      const stats = fstatSync(file);
      if (!stats.isFile()) throw notFound('not a regular file');
      const etag = etagOf(stats);
      if (options.ifMatch !== undefined && options.ifMatch !== etag) {
        throw new RookeryError('OBJECT_CHANGED', { detail: `${key}: wanted ${options.ifMatch}, found ${etag}` });
      }
      const reader = new FsReader(key, file, stats, options.range);
      if (options.maxBytes !== undefined && reader.length > options.maxBytes) {
        const detail = `${key}: ${reader.length} bytes, at most ${options.maxBytes}`;
        throw new RookeryError('OBJECT_TOO_LARGE', { detail });
      }
      return reader;
    } catch (error) {
      closeSync(file);
      throw error;
    }
  }

  /** Everything, of one state; undefined where somebody wrote into the file meanwhile. */
  async whole(signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const body = new Uint8Array(this.length);
    const done = await this.#fill(body, this.start, signal);
    return done === this.length && etagOf(fstatSync(this.#file)) === etagOf(this.stats) ? body : undefined;
  }

  async *chunks(signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    try {
      for (let done = 0; done < this.length; ) {
        const chunk = new Uint8Array(Math.min(chunkBytes, this.length - done));
        const filled = await this.#fill(chunk, this.start + done, signal);
        if (filled < chunk.byteLength) {
          throw new RookeryError('OBJECT_CHANGED', { detail: `${this.key} was cut while it was read` });
        }
        done += filled;
        yield chunk;
      }
    } catch (error) {
      throw fsError(error, `reading ${this.key}`);
    }
  }

  /** A read that is under way ends first: the number of a file that is closed may be another file's at once. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (!this.#reading) closeSync(this.#file);
  }

  async #fill(body: Uint8Array, position: number, signal: AbortSignal | undefined): Promise<number> {
    let done = 0;
    while (done < body.byteLength) {
      throwIfAborted(signal);
      if (this.#closed) throw new RookeryError('ABORTED', { detail: `${this.key} was closed while it was read` });
      this.#reading = true;
      try {
        const { bytesRead } = await readFrom(this.#file, body, done, body.byteLength - done, position + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      } finally {
        this.#reading = false;
        if (this.#closed) closeSync(this.#file);
      }
    }
    return done;
  }
}

const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
const noFollow: number | undefined = constants.O_NOFOLLOW;

async function openInside(paths: FsPaths, key: string): Promise<number> {
  const path = paths.pathOf(key);
  if (noFollow !== undefined) {
    await paths.checkFolderOf(path, key);
    try {
      return await whenFilesAreFree(() => openFile(path, flags | noFollow));
    } catch (error) {
      // A link: it counts where it leads to a file inside.
      if (errnoOf(error) !== 'ELOOP' && errnoOf(error) !== 'EMLINK') throw error;
    }
  }
  const real = await paths.resolve(path, key);
  return await whenFilesAreFree(() => openFile(real, flags));
}
