import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, rm, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RookeryError } from '@rookery/contracts';
import { throwIfAborted } from '../aborted.ts';
import { cleanTags } from '../clean-tags.ts';
import { closingIterable } from '../closing-iterable.ts';
import { Gate } from '../gate.ts';
import type {
  GetOptions,
  ListOptions,
  ObjectInfo,
  ObjectStore,
  PresignedRequest,
  PresignOptions,
  PutOptions,
  StoredObject,
} from '../object-store.ts';
import { errnoOf, fsError } from './fs-errors.ts';
import { distinctClock, etagOf, infoOf } from './fs-info.ts';
import { checkFsKey, FsPaths, reservedNames } from './fs-paths.ts';
import { listFolder } from './list-folder.ts';
import { whenFilesAreFree } from './open-files.ts';
import { FilePublisher } from './publish-file.ts';

export interface FsStoreOptions {
  /**
   * What is put is on the disk, name and all, before `put` resolves. Without, it survives the process but not a loss of power.
   * @default true
   */
  sync?: boolean | undefined;
}

const chunkBytes = 256 * 1024;
/** Files that one store holds open at once, streams aside. The system's threads that work on them are far fewer. */
const openFiles = 64;
const tagsFolder = `${reservedNames}tags`;

/**
 * Objects as files below a folder, which is made with the first put. Unlike S3, an object and a folder cannot share a name: KEY_INVALID.
 * Folders that a delete leaves empty go with it, except those directly below the store's own. `presign` gives a `file:` address: a local
 * program reads or writes there; nothing checks or expires it. There are no versions: asking for one finds nothing.
 */
export class FsStore implements ObjectStore {
  readonly location: string;
  readonly #paths: FsPaths;
  readonly #publisher: FilePublisher;
  readonly #gate = new Gate(openFiles);

  constructor(folder: string, options: FsStoreOptions = {}) {
    const root = resolve(folder);
    this.location = `${pathToFileURL(root).href.replace(/\/$/, '')}/`;
    this.#paths = new FsPaths(root);
    this.#publisher = new FilePublisher(this.#paths, { sync: options.sync ?? true, nowUs: distinctClock() });
  }

  async get(key: string, options: GetOptions = {}): Promise<StoredObject> {
    return await this.#tried(`reading ${key}`, () => this.#gate.run(() => this.#getOne(key, options)));
  }

  async #getOne(key: string, options: GetOptions): Promise<StoredObject> {
    for (let attempt = 0; attempt < 3; attempt++) {
      const { file, stats } = await this.#open(key, options);
      try {
        const { start, length } = span(stats.size, options.range);
        checkSize(key, length, options.maxBytes);
        const body = new Uint8Array(length);
        const read = await readFully(file, body, start, options.signal);
        // Somebody else's program may be writing into it: what was read must be of one state.
        if (read === length && etagOf(await file.stat()) === etagOf(stats)) return { ...infoOf(key, stats), body };
      } finally {
        await file.close();
      }
    }
    throw new RookeryError('STORE_UNAVAILABLE', { detail: `${key} is being written` });
  }

  async read(key: string, options: GetOptions = {}): Promise<ObjectInfo & { chunks: AsyncIterable<Uint8Array> }> {
    return await this.#tried(`reading ${key}`, async () => {
      const { file, stats } = await this.#open(key, options);
      try {
        const { start, length } = span(stats.size, options.range);
        checkSize(key, length, options.maxBytes);
        const chunks = chunksOf(file, key, start, length, options.signal);
        return { ...infoOf(key, stats), chunks: closingIterable(chunks, () => file.close()) };
      } catch (error) {
        await file.close();
        throw error;
      }
    });
  }

  async put(key: string, body: Uint8Array | string, options: PutOptions = {}): Promise<'created' | 'exists'> {
    throwIfAborted(options.signal);
    return await this.#gate.run(() => this.#publish(key, options, (file) => file.writeFile(body)));
  }

  async write(key: string, chunks: AsyncIterable<Uint8Array>, options: PutOptions = {}): Promise<'created' | 'exists'> {
    let spent = false;
    return await this.#publish(key, options, async (file) => {
      if (spent) throw new RookeryError('STORE_UNAVAILABLE', { detail: `${key} lies on a file system of its own` });
      spent = true;
      for await (const chunk of chunks) {
        throwIfAborted(options.signal);
        for (let done = 0; done < chunk.byteLength; ) {
          done += (await file.write(chunk, done, chunk.byteLength - done)).bytesWritten;
        }
      }
      throwIfAborted(options.signal);
    });
  }

  async head(key: string, signal?: AbortSignal): Promise<ObjectInfo | undefined> {
    throwIfAborted(signal);
    return await this.#tried(`looking for ${key}`, async () => {
      checkFsKey(key);
      try {
        const stats = await stat(await this.#paths.resolve(this.#paths.pathOf(key), key));
        return stats.isFile() ? infoOf(key, stats) : undefined;
      } catch (error) {
        if (isNothing(error)) return undefined;
        throw error;
      }
    });
  }

  async delete(keys: readonly string[], signal?: AbortSignal): Promise<void> {
    for (const key of keys) checkFsKey(key);
    for (const key of keys) {
      throwIfAborted(signal);
      await this.#tried(`deleting ${key}`, () => this.#deleteOne(key));
    }
  }

  list(prefix: string, options: ListOptions = {}): AsyncIterable<readonly ObjectInfo[]> {
    return listFolder(this.#paths, prefix, options);
  }

  async presign(method: 'GET' | 'PUT', key: string, _options: PresignOptions): Promise<PresignedRequest> {
    checkFsKey(key);
    return { url: pathToFileURL(this.#paths.pathOf(key)).href, method, headers: {} };
  }

  async tag(key: string, tags: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<void> {
    if (!(await this.head(key, signal))) throw new RookeryError('OBJECT_NOT_FOUND', { detail: key });
    await this.#tried(`tagging ${key}`, () =>
      this.#publisher.publish(`${tagsFolder}/${key}.json`, { ifAbsent: false }, (file) =>
        file.writeFile(`${JSON.stringify(cleanTags(tags))}\n`),
      ),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #publish(
    key: string,
    options: PutOptions,
    fill: (file: FileHandle) => Promise<void>,
  ): Promise<'created' | 'exists'> {
    return await this.#tried(`writing ${key}`, async () => {
      checkFsKey(key);
      return await this.#publisher.publish(key, { ifAbsent: options.ifAbsent ?? false }, fill);
    });
  }

  /** Opened without waiting (a fifo would), and only where it is a file inside the folder. */
  async #open(key: string, options: GetOptions): Promise<{ file: FileHandle; stats: Stats }> {
    checkFsKey(key);
    throwIfAborted(options.signal);
    const notFound = (why: string) => new RookeryError('OBJECT_NOT_FOUND', { detail: `${key}: ${why}` });
    if (options.versionId !== undefined) throw notFound('a folder keeps no versions');
    const path = await this.#paths.resolve(this.#paths.pathOf(key), key);
    const file = await whenFilesAreFree(() => open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)));
    try {
      const stats = await file.stat();
      if (!stats.isFile()) throw notFound('not a regular file');
      if (options.ifMatch !== undefined && options.ifMatch !== etagOf(stats)) {
        throw new RookeryError('OBJECT_CHANGED', {
          detail: `${key}: wanted ${options.ifMatch}, found ${etagOf(stats)}`,
        });
      }
      return { file, stats };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async #deleteOne(key: string): Promise<void> {
    const path = this.#paths.pathOf(key);
    try {
      await this.#paths.resolve(dirname(path), key);
      await unlink(path);
    } catch (error) {
      if (isNothing(error)) return;
      // Linux and macOS: a folder is no object, so there is nothing under this key.
      if ((errnoOf(error) === 'EISDIR' || errnoOf(error) === 'EPERM') && (await stat(path)).isDirectory()) return;
      throw error;
    }
    await rm(join(this.#paths.root, tagsFolder, `${key}.json`), { force: true });
    const folders = key.split('/').slice(0, -1);
    for (; folders.length > 1; folders.pop()) {
      try {
        await rmdir(join(this.#paths.root, ...folders));
      } catch {
        return;
      }
    }
  }

  async #tried<T>(what: string, operation: () => Promise<T>): Promise<T> {
    try {
      return await operation();
    } catch (error) {
      throw fsError(error, what);
    }
  }
}

const isNothing = (error: unknown): boolean => errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR';

/** The bytes of an object that a range asks for; none where it begins at or past the end. */
function span(size: number, range: GetOptions['range']): { start: number; length: number } {
  if (!range) return { start: 0, length: size };
  const end = Math.min(range.end, size - 1);
  return { start: range.start, length: Math.max(0, end - range.start + 1) };
}

function checkSize(key: string, length: number, maxBytes: number | undefined): void {
  if (maxBytes !== undefined && length > maxBytes) {
    throw new RookeryError('OBJECT_TOO_LARGE', { detail: `${key}: ${length} bytes, at most ${maxBytes}` });
  }
}

/** Fills the array from the file and resolves to how much there was. */
async function readFully(file: FileHandle, body: Uint8Array, start: number, signal?: AbortSignal): Promise<number> {
  let done = 0;
  while (done < body.byteLength) {
    throwIfAborted(signal);
    const { bytesRead } = await file.read(body, done, body.byteLength - done, start + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

async function* chunksOf(
  file: FileHandle,
  key: string,
  start: number,
  length: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    for (let done = 0; done < length; ) {
      const chunk = new Uint8Array(Math.min(chunkBytes, length - done));
      const read = await readFully(file, chunk, start + done, signal);
      if (read < chunk.byteLength)
        throw new RookeryError('OBJECT_CHANGED', { detail: `${key} was cut while it was read` });
      done += read;
      yield chunk;
    }
  } catch (error) {
    throw fsError(error, `reading ${key}`);
  }
}
