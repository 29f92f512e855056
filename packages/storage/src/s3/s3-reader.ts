import { Readable } from 'node:stream';
import { RookeryError } from '@rookery/contracts';
import { closingIterable } from '../closing-iterable.ts';
import type { GetOptions, ObjectInfo, StoredObject } from '../object-store.ts';
import type { BucketRequests } from './bucket-requests.ts';
import type { Described } from './object-requests.ts';
import { checkLength, giveUp, readBody } from './read-body.ts';
import type { S3Connection } from './s3-connection.ts';
import { nameOf, statusOf } from './s3-errors.ts';

interface OpenedBody {
  readonly info: ObjectInfo;
  readonly body: Readable;
  readonly contentLength: number | undefined;
}

/** Reads objects of one bucket, whole or as streams that go on where they were cut. */
export class S3Reader {
  readonly #connection: S3Connection;
  readonly #requests: BucketRequests;
  readonly #prefix: string;
  readonly #location: string;

  constructor(connection: S3Connection, requests: BucketRequests, bucket: string, prefix: string) {
    this.#connection = connection;
    this.#requests = requests;
    this.#prefix = prefix;
    this.#location = `s3://${bucket}/${prefix}`;
  }

  async get(key: string, options: GetOptions): Promise<StoredObject> {
    return await this.#connection.request(`reading ${this.#location}${key}`, options.signal, async () => {
      const { info, body, contentLength } = await this.#open(key, options, options.range);
      return { ...info, body: await readBody(body, { key, contentLength, maxBytes: options.maxBytes }) };
    });
  }

  async read(key: string, options: GetOptions): Promise<ObjectInfo & { chunks: AsyncIterable<Uint8Array> }> {
    const opened = await this.#connection.request(`reading ${this.#location}${key}`, options.signal, () =>
      this.#open(key, options, options.range),
    );
    checkLength(opened.body, { key, contentLength: opened.contentLength, maxBytes: options.maxBytes });
    let current = opened.body;
    const chunks = this.#chunks(key, options, opened, (body) => {
      current = body;
    });
    return { ...opened.info, chunks: closingIterable(chunks, async () => giveUp(current)) };
  }

  /** Whether exactly these bytes lie under the key. */
  async holds(key: string, bytes: Uint8Array, signal: AbortSignal | undefined): Promise<boolean> {
    const { info, body, contentLength } = await this.#open(key, { signal }, undefined);
    if (info.sizeBytes !== bytes.byteLength) {
      giveUp(body);
      return false;
    }
    return Buffer.compare(await readBody(body, { key, contentLength, maxBytes: undefined }), bytes) === 0;
  }

  async #open(key: string, options: GetOptions, range: GetOptions['range']): Promise<OpenedBody> {
    const { ifMatch, versionId, signal } = options;
    const whole = this.#prefix + key;
    try {
      const answer = await this.#requests.do((requests) => requests.get(whole, { ifMatch, versionId, range }, signal));
      return { info: infoOf(key, answer), body: answer.body, contentLength: answer.ContentLength };
    } catch (error) {
      if (versionId !== undefined && nameOf(error) === 'InvalidArgument') {
        throw new RookeryError('OBJECT_NOT_FOUND', { detail: `${key} has no version ${versionId}`, cause: error });
      }
      // A range that begins at or past the end: nothing, of an object that is there.
      if (!range || statusOf(error) !== 416) throw error;
      const head = await this.#requests.do((requests) => requests.head(whole, { ifMatch, versionId }, signal));
      return { info: infoOf(key, head), body: Readable.from([]), contentLength: 0 };
    }
  }

  /** Where the connection breaks, the rest is asked for, of the same state of the object. */
  async *#chunks(
    key: string,
    options: GetOptions,
    opened: OpenedBody,
    hold: (body: Readable) => void,
  ): AsyncGenerator<Uint8Array> {
    const { info } = opened;
    const end = Math.min(options.range?.end ?? info.sizeBytes - 1, info.sizeBytes - 1);
    let body = opened.body;
    for (let at = options.range?.start ?? 0, failures = 0; ; ) {
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
        if (++failures >= this.#connection.options.attempts) {
          throw new RookeryError('STORE_UNAVAILABLE', {
            detail: `reading ${this.#location}${key} at byte ${at}`,
            cause,
          });
        }
        ({ body } = await this.#connection.request(`reading ${this.#location}${key} on`, options.signal, () =>
          this.#open(key, { ...options, ifMatch: info.etag }, { start: at, end }),
        ));
        hold(body);
      }
    }
  }
}

const unquoted = (etag: string | undefined): string => (etag ?? '').replace(/^(W\/)?"?|"$/g, '');

export function infoOf(key: string, answer: Described): ObjectInfo {
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
