import { checkKey } from '../check-key.ts';
import { cleanTags } from '../clean-tags.ts';
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
import { BucketRequests } from './bucket-requests.ts';
import { probeConditionalWrites } from './conditional-writes.ts';
import { deleteKeys } from './delete-keys.ts';
import { listBucket } from './list-bucket.ts';
import { inParts, uploadParts } from './multipart.ts';
import type { S3Connection } from './s3-connection.ts';
import { nameOf, statusOf } from './s3-errors.ts';
import { infoOf, S3Reader } from './s3-reader.ts';

/**
 * Objects of one bucket, below a prefix. Puts that must not overwrite are conditional (`If-None-Match`); on a server without conditional
 * writes the store looks first and then writes, says so once, and `conditionalWrites()` tells.
 */
export class S3Store implements ObjectStore {
  readonly location: string;
  readonly #connection: S3Connection;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #owned: boolean;
  readonly #requests: BucketRequests;
  readonly #reader: S3Reader;
  #conditional: Promise<boolean> | undefined;

  /** `owned`: the connection is disposed of with the store. */
  constructor(connection: S3Connection, options: { bucket: string; prefix: string; owned: boolean }) {
    this.#connection = connection;
    this.#bucket = options.bucket;
    this.#prefix = options.prefix === '' || options.prefix.endsWith('/') ? options.prefix : `${options.prefix}/`;
    this.#owned = options.owned;
    this.#requests = new BucketRequests(connection, options.bucket);
    this.#reader = new S3Reader(connection, this.#requests, options.bucket, this.#prefix);
    this.location = `s3://${options.bucket}/${this.#prefix}`;
  }

  async get(key: string, options: GetOptions = {}): Promise<StoredObject> {
    checkKey(key, this.#prefix);
    return await this.#reader.get(key, options);
  }

  async read(key: string, options: GetOptions = {}): Promise<ObjectInfo & { chunks: AsyncIterable<Uint8Array> }> {
    checkKey(key, this.#prefix);
    return await this.#reader.read(key, options);
  }

  async put(key: string, body: Uint8Array | string, options: PutOptions = {}): Promise<'created' | 'exists'> {
    checkKey(key, this.#prefix);
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const conditional = options.ifAbsent === true && (await this.conditionalWrites());
    if (options.ifAbsent && !conditional && (await this.head(key, options.signal))) return 'exists';
    return await this.#connection.request(`writing ${this.location}${key}`, options.signal, async (_, attempt) => {
      const object = { body: bytes, contentType: options.contentType, ifAbsent: conditional };
      try {
        await this.#requests.do((requests) => requests.put(this.#prefix + key, object, options.signal));
        return 'created';
      } catch (error) {
        if (!conditional || statusOf(error) !== 412) throw error;
        // After a lost answer it may be our own that lies there.
        return attempt > 1 && (await this.#reader.holds(key, bytes, options.signal)) ? 'created' : 'exists';
      }
    });
  }

  async write(key: string, chunks: AsyncIterable<Uint8Array>, options: PutOptions = {}): Promise<'created' | 'exists'> {
    checkKey(key, this.#prefix);
    const parts = inParts(chunks);
    const { value: first } = await parts.next();
    const second = await parts.next();
    if (second.done) return await this.put(key, first ?? new Uint8Array(), options);
    const conditional = options.ifAbsent === true && (await this.conditionalWrites());
    if (options.ifAbsent && !conditional && (await this.head(key, options.signal))) return 'exists';
    const all = (async function* () {
      if (first) yield first;
      yield second.value;
      yield* parts;
    })();
    return await uploadParts(
      {
        connection: this.#connection,
        bucket: this.#bucket,
        key: this.#prefix + key,
        contentType: options.contentType,
        ifNoneMatch: conditional,
        signal: options.signal,
      },
      all,
    );
  }

  async head(key: string, signal?: AbortSignal): Promise<ObjectInfo | undefined> {
    checkKey(key, this.#prefix);
    return await this.#connection.request(`looking for ${this.location}${key}`, signal, async () => {
      try {
        return infoOf(key, await this.#requests.do((requests) => requests.head(this.#prefix + key, {}, signal)));
      } catch (error) {
        if (statusOf(error) === 404 && nameOf(error) !== 'NoSuchBucket') return undefined;
        throw error;
      }
    });
  }

  async delete(keys: readonly string[], signal?: AbortSignal): Promise<void> {
    for (const key of keys) checkKey(key, this.#prefix);
    await deleteKeys(
      this.#connection,
      this.#bucket,
      keys.map((key) => this.#prefix + key),
      signal,
    );
  }

  list(prefix: string, options: ListOptions = {}): AsyncIterable<readonly ObjectInfo[]> {
    return listBucket(this.#connection, { bucket: this.#bucket, storePrefix: this.#prefix, prefix }, options);
  }

  async presign(method: 'GET' | 'PUT', key: string, options: PresignOptions): Promise<PresignedRequest> {
    checkKey(key, this.#prefix);
    const [{ sdk, client }, { getSignedUrl }] = await Promise.all([
      this.#connection.load(),
      import('@aws-sdk/s3-request-presigner'),
    ]);
    const { contentType, sizeBytes } = options;
    const expiresIn = Math.max(1, Math.ceil(options.expiresMs / 1000));
    if (method === 'GET') {
      const command = new sdk.GetObjectCommand({
        ...this.#where(key),
        ...(contentType !== undefined && { ResponseContentType: contentType }),
      });
      return { url: await getSignedUrl(client, command, { expiresIn }), method, headers: {} };
    }
    const command = new sdk.PutObjectCommand({
      ...this.#where(key),
      ...(contentType !== undefined && { ContentType: contentType }),
      ...(sizeBytes !== undefined && { ContentLength: sizeBytes }),
    });
    const signableHeaders = new Set(['content-type', ...(sizeBytes === undefined ? [] : ['content-length'])]);
    const url = await getSignedUrl(client, command, { expiresIn, signableHeaders });
    return { url, method, headers: contentType === undefined ? {} : { 'content-type': contentType } };
  }

  async tag(key: string, tags: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<void> {
    checkKey(key, this.#prefix);
    const ours = Object.entries(cleanTags(tags)).map(([Key, Value]) => ({ Key, Value }));
    await this.#connection.request(`tagging ${this.location}${key}`, signal, async ({ sdk, client }) => {
      const where = this.#where(key);
      // S3 replaces all tags of an object, and some of them are its owner's.
      const { TagSet: there = [] } = await client.send(new sdk.GetObjectTaggingCommand(where), send(signal));
      const others = there.filter(({ Key }) => !ours.some((tag) => tag.Key === Key));
      const Tagging = { TagSet: [...others, ...ours] };
      await client.send(new sdk.PutObjectTaggingCommand({ ...where, Tagging }), send(signal));
    });
  }

  /** Whether the server itself refuses a put where something lies. Tried out once, with the first put that asks for it. */
  async conditionalWrites(): Promise<boolean> {
    this.#conditional ??= probeConditionalWrites(this.#connection, this.#bucket, this.#prefix).then((conditional) => {
      if (!conditional) {
        this.#connection.options.log?.warn(
          { store: this.location },
          'the store has no conditional writes: looking first, then writing, so that two writers at once may both write',
        );
      }
      return conditional;
    });
    try {
      return await this.#conditional;
    } catch (error) {
      this.#conditional = undefined;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#owned) await this.#connection[Symbol.asyncDispose]();
  }

  #where(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: this.#prefix + key };
  }
}

const send = (signal: AbortSignal | undefined) => (signal ? { abortSignal: signal } : {});
