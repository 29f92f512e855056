import { type ClassifySource, RookeryError } from '@rookery/contracts';
import { fetchPicture, parseLocation } from '@rookery/storage';
import type { ApiContext } from '../api-context.ts';
import type { PictureWork } from './picture-work.ts';
import { Semaphore } from './semaphore.ts';

/** Reads pictures that a request names instead of sending them. */
export class PictureSources {
  readonly #context: Pick<ApiContext, 'limits' | 'buckets' | 'allowHttp'>;
  readonly #slots: Semaphore;

  constructor(context: Pick<ApiContext, 'limits' | 'buckets' | 'allowHttp'>) {
    this.#context = context;
    this.#slots = new Semaphore(context.limits.fetches);
  }

  /** @throws {RookeryError} URL_*, OBJECT_*, KEY_INVALID, BUCKET_REFUSED, STORE_*, SOURCE_TOO_MANY_BYTES, SOURCE_NOT_BASE64, OVERLOADED. */
  async read(source: ClassifySource, work: PictureWork): Promise<Uint8Array<ArrayBuffer>> {
    if ('base64' in source) return this.#decode(source.base64, work);
    const bytes = await this.#slots.run(work.signal, () =>
      'url' in source ? this.fetch(source.url, work.signal) : this.#object(source.s3, work.signal),
    );
    work.hold(bytes.byteLength);
    return bytes;
  }

  /** From the public internet only, whatever the name resolves to and wherever it is redirected. */
  async fetch(url: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const { limits, allowHttp = false } = this.#context;
    const { body } = await fetchPicture(url, {
      maxBytes: limits.pictureBytes,
      timeoutMs: limits.fetchMs,
      allowPrivate: false,
      allowHttp,
      signal,
    });
    return body;
  }

  async #object(address: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const { buckets, limits } = this.#context;
    const place = placeOf(address);
    if (!buckets) throw new RookeryError('BUCKET_REFUSED', { detail: 'this service reads no buckets' });
    const { body } = await buckets.open(place.bucket).get(place.key, { maxBytes: limits.pictureBytes, signal });
    return body;
  }

  #decode(text: string, work: PictureWork): Uint8Array<ArrayBuffer> {
    const { pictureBytes } = this.#context.limits;
    const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
    const length = Math.floor((text.length * 3) / 4) - padding;
    if (length > pictureBytes)
      throw new RookeryError('SOURCE_TOO_MANY_BYTES', { detail: `${length} bytes, at most ${pictureBytes}` });
    const bytes = new Uint8Array(Math.max(0, length));
    // Stops at what is not base64: fewer bytes than the text stands for.
    const written = Buffer.from(bytes.buffer).write(text, 'base64');
    if (written !== length || text.length % 4 !== 0) throw new RookeryError('SOURCE_NOT_BASE64');
    work.hold(length);
    return bytes;
  }
}

/** @throws {RookeryError} KEY_INVALID */
function placeOf(address: string): { readonly bucket: string; readonly key: string } {
  try {
    const place = address.startsWith('s3://') ? parseLocation(address) : undefined;
    if (place?.kind === 's3' && place.prefix !== '') return { bucket: place.bucket, key: place.prefix };
  } catch (cause) {
    throw new RookeryError('KEY_INVALID', { detail: 'it names no bucket', cause });
  }
  throw new RookeryError('KEY_INVALID', { detail: 'it should read s3://bucket/key' });
}
