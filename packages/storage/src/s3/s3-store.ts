import type { Readable } from 'node:stream';
import type { GetObjectCommandInput, GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { RookeryError } from '@rookery/contracts';
import { checkKey } from '../check-key.ts';
import { cleanTags } from '../clean-tags.ts';
import { closingIterable } from '../closing-iterable.ts';
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
import { probeConditionalWrites } from './conditional-writes.ts';
import { deleteKeys } from './delete-keys.ts';
import { listBucket } from './list-bucket.ts';
import { inParts, uploadParts } from './multipart.ts';
import { checkLength, giveUp, readBody } from './read-body.ts';
import type { S3Connection } from './s3-connection.ts';
import { nameOf, statusOf } from './s3-errors.ts';

const unquoted = (etag: string | undefined): string => (etag ?? '').replace(/^(W\/)?"?|"$/g, '');

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
  #conditional: Promise<boolean> | undefined;

  /** `owned`: the connection is disposed of with the store. */
  constructor(connection: S3Connection, options: { bucket: string; prefix: string; owned: boolean }) {
    this.#connection = connection;
    this.#bucket = options.bucket;
    this.#prefix = options.prefix === '' || options.prefix.endsWith('/') ? options.prefix : `${options.prefix}/`;
    this.#owned = options.owned;
    this.location = `s3://${options.bucket}/${this.#prefix}`;
  }

  async get(key: string, options: GetOptions = {}): Promise<StoredObject> {
    return await this.#connection.request(`reading ${key}`, options.signal, async () => {
      const { info, body, contentLength } = await this.#open(key, options, options.range);
      return { ...info, body: await readBody(body, { key, contentLength, maxBytes: options.maxBytes }) };
    });
  }

  async read(key: string, options: GetOptions = {}): Promise<ObjectInfo & { chunks: AsyncIterable<Uint8Array> }> {
    const opened = await this.#connection.request(`reading ${key}`, options.signal, () =>
      this.#open(key, options, options.range),
    );
    checkLength(opened.body, { key, contentLength: opened.contentLength, maxBytes: options.maxBytes });
    let current = opened.body;
    const chunks = this.#chunks(key, options, opened, (body) => {
      current = body;
    });
    return { ...opened.info, chunks: closingIterable(chunks, async () => giveUp(current)) };
  }

  /** Where the connection breaks, the rest is asked for, of the same state of the object. */
  async *#chunks(
    key: string,
    options: GetOptions,
    opened: OpenedBody,
    hold: (body: Readable) => void,
  ): AsyncGenerator<Uint8Array> {
    const { info } = opened;
    const first = options.range?.start ?? 0;
    const end = Math.min(options.range?.end ?? info.sizeBytes - 1, info.sizeBytes - 1);
    let body = opened.body;
    for (let at = first, failures = 0; ; ) {
      try {
        for await (const chunk of body as AsyncIterable<Uint8Array>) {
          at += chunk.byteLength;
          failures = 0;
          yield chunk;
        }
        if (at > end) return;
        throw new Error(`the answer ended before byte ${end}`);
      } catch (cause) {
        if (options.signal?.aborted) throw new RookeryError('ABORTED', { cause });
        if (cause instanceof RookeryError && !cause.retryable) throw cause;
        if (++failures >= this.#connection.options.attempts) {
          throw new RookeryError('STORE_UNAVAILABLE', { detail: `reading ${key} at byte ${at}`, cause });
        }
        const rest = { ...options, ifMatch: info.etag };
        ({ body } = await this.#connection.request(`reading ${key} on`, options.signal, () =>
          this.#open(key, rest, { start: at, end }),
        ));
        hold(body);
      }
    }
  }

  async put(key: string, body: Uint8Array | string, options: PutOptions = {}): Promise<'created' | 'exists'> {
    checkKey(key, this.#prefix);
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const conditional = options.ifAbsent === true && (await this.conditionalWrites());
    if (options.ifAbsent && !conditional && (await this.head(key, options.signal))) return 'exists';
    return await this.#connection.request(`writing ${key}`, options.signal, async ({ sdk, client }, attempt) => {
      try {
        await client.send(
          new sdk.PutObjectCommand({
            ...this.#where(key),
            Body: bytes,
            ContentLength: bytes.byteLength,
            ...(options.contentType !== undefined && { ContentType: options.contentType }),
            ...(conditional && { IfNoneMatch: '*' }),
          }),
          send(options.signal),
        );
        return 'created';
      } catch (error) {
        if (!conditional || statusOf(error) !== 412) throw error;
        // After a lost answer it may be our own that lies there.
        return attempt > 1 && (await this.#holds(key, bytes, options.signal)) ? 'created' : 'exists';
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
    return await this.#connection.request(`looking for ${key}`, signal, async ({ sdk, client }) => {
      try {
        return infoOf(key, await client.send(new sdk.HeadObjectCommand(this.#where(key)), send(signal)));
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
    const { contentType } = options;
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
    });
    const url = await getSignedUrl(client, command, { expiresIn, signableHeaders: new Set(['content-type']) });
    return { url, method, headers: contentType === undefined ? {} : { 'content-type': contentType } };
  }

  async tag(key: string, tags: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<void> {
    checkKey(key, this.#prefix);
    const TagSet = Object.entries(cleanTags(tags)).map(([Key, Value]) => ({ Key, Value }));
    await this.#connection.request(`tagging ${key}`, signal, ({ sdk, client }) =>
      client.send(new sdk.PutObjectTaggingCommand({ ...this.#where(key), Tagging: { TagSet } }), send(signal)),
    );
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

  async #open(key: string, options: GetOptions, range: GetOptions['range']): Promise<OpenedBody> {
    checkKey(key, this.#prefix);
    const { sdk, client } = await this.#connection.load();
    const input: GetObjectCommandInput = {
      ...this.#where(key),
      ...(options.ifMatch !== undefined && { IfMatch: `"${options.ifMatch}"` }),
      ...(options.versionId !== undefined && { VersionId: options.versionId }),
      ...(range && { Range: `bytes=${range.start}-${range.end}` }),
    };
    try {
      const answer = await client.send(new sdk.GetObjectCommand(input), send(options.signal));
      return { info: infoOf(key, answer), body: answer.Body as Readable, contentLength: answer.ContentLength };
    } catch (error) {
      // A range that begins at or past the end: nothing, of an object that is there.
      if (!range || statusOf(error) !== 416) throw error;
      const { IfMatch, VersionId } = input;
      const head = await client.send(
        new sdk.HeadObjectCommand({
          ...this.#where(key),
          ...(IfMatch && { IfMatch }),
          ...(VersionId && { VersionId }),
        }),
        send(options.signal),
      );
      const { Readable } = await import('node:stream');
      return { info: infoOf(key, head), body: Readable.from([]), contentLength: 0 };
    }
  }

  async #holds(key: string, bytes: Uint8Array, signal: AbortSignal | undefined): Promise<boolean> {
    const { info, body, contentLength } = await this.#open(key, { signal }, undefined);
    if (info.sizeBytes !== bytes.byteLength) {
      giveUp(body);
      return false;
    }
    return Buffer.compare(await readBody(body, { key, contentLength, maxBytes: undefined }), bytes) === 0;
  }
}

interface OpenedBody {
  readonly info: ObjectInfo;
  readonly body: Readable;
  readonly contentLength: number | undefined;
}

type Described = Pick<GetObjectCommandOutput, 'ContentLength' | 'ContentRange' | 'ETag' | 'LastModified' | 'VersionId'>;

function infoOf(key: string, answer: Described): ObjectInfo {
  // `bytes 0-9/1234`: the size of the whole stands behind the slash.
  const whole = Number(answer.ContentRange?.split('/')[1] ?? Number.NaN);
  return {
    key,
    etag: unquoted(answer.ETag),
    sizeBytes: Number.isFinite(whole) ? whole : (answer.ContentLength ?? 0),
    lastModified: answer.LastModified ?? new Date(0),
    ...(answer.VersionId !== undefined && answer.VersionId !== 'null' && { versionId: answer.VersionId }),
  };
}

const send = (signal: AbortSignal | undefined) => (signal ? { abortSignal: signal } : {});
