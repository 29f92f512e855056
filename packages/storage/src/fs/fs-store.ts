import { type FileHandle, readFile, rm, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RookeryError, throwIfAborted } from '@rookery/contracts';
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
import { errnoOf, fsError, noFolder } from './fs-errors.ts';
import { distinctClock, infoOf } from './fs-info.ts';
import { checkFsKey, FsPaths, reservedNames } from './fs-paths.ts';
import { FsReader } from './fs-reader.ts';
import { listFolder } from './list-folder.ts';
import { FilePublisher } from './publish-file.ts';

export interface FsStoreOptions {
  /**
   * What is put is on the disk, name and all, before `put` resolves. Without, it survives the process but not a loss of power.
   * @default true
   */
  sync?: boolean | undefined;
  /** Listing a folder that is not there is STORE_NOT_FOUND, not empty: for folders of others, which are not made here. */
  mustExist?: boolean | undefined;
}

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
  readonly #mustExist: boolean;

  constructor(folder: string, options: FsStoreOptions = {}) {
    const root = resolve(folder);
    this.location = `${pathToFileURL(root).href.replace(/\/$/, '')}/`;
    this.#paths = new FsPaths(root);
    this.#mustExist = options.mustExist ?? false;
    this.#publisher = new FilePublisher(this.#paths, { sync: options.sync ?? true, nowUs: distinctClock() });
  }

  async get(key: string, options: GetOptions = {}): Promise<StoredObject> {
    return await this.#tried(`reading ${key}`, () => this.#gate.run(() => this.#getOne(key, options)));
  }

  async #getOne(key: string, options: GetOptions): Promise<StoredObject> {
    for (let attempt = 0; attempt < 3; attempt++) {
      const reader = await FsReader.open(this.#paths, key, options);
      try {
        const body = await reader.whole(options.signal);
        if (body) return { ...infoOf(key, reader.stats), body };
      } finally {
        reader.close();
      }
    }
    throw new RookeryError('STORE_UNAVAILABLE', { detail: `${key} is being written` });
  }

  async read(key: string, options: GetOptions = {}): Promise<ObjectInfo & { chunks: AsyncIterable<Uint8Array> }> {
    return await this.#tried(`reading ${key}`, async () => {
      const reader = await FsReader.open(this.#paths, key, options);
      const chunks = closingIterable(reader.chunks(options.signal), async () => reader.close());
      return { ...infoOf(key, reader.stats), chunks };
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
        if (isNothing(error) && !(errnoOf(error) === 'ENOTDIR' && (await isNoFolder(this.#paths.root))))
          return undefined;
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
    return listFolder(this.#paths, prefix, { ...options, mustExist: this.#mustExist });
  }

  async presign(method: 'GET' | 'PUT', key: string, _options: PresignOptions): Promise<PresignedRequest> {
    checkFsKey(key);
    return { url: pathToFileURL(this.#paths.pathOf(key)).href, method, headers: {} };
  }

  async tag(key: string, tags: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<void> {
    if (!(await this.head(key, signal))) throw new RookeryError('OBJECT_NOT_FOUND', { detail: key });
    await this.#tried(`tagging ${key}`, async () => {
      const place = `${tagsFolder}/${key}.json`;
      const there = await readFile(join(this.#paths.root, place), 'utf8').catch(() => '{}');
      const all = { ...JSON.parse(there), ...cleanTags(tags) };
      await this.#publisher.publish(place, { ifAbsent: false }, (file) => file.writeFile(`${JSON.stringify(all)}\n`));
    });
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
      if (errnoOf(error) === 'ENOTDIR' && (await isNoFolder(this.#paths.root))) throw noFolder(this.#paths.root, true);
      throw fsError(error, what);
    }
  }
}

/** Whether something else has the name of the folder, or of one above it. */
const isNoFolder = (root: string): Promise<boolean> =>
  stat(root).then(
    (found) => !found.isDirectory(),
    (error) => errnoOf(error) === 'ENOTDIR',
  );

const isNothing = (error: unknown): boolean => errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR';
