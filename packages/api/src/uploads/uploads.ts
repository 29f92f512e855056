import { randomBytes } from 'node:crypto';
import {
  RookeryError,
  type UploadAddressQuery,
  type UploadGrant,
  type UploadRequest,
  type UploadSlot,
  type UploadState,
} from '@rookery/contracts';
import type { Buckets, ObjectStore } from '@rookery/storage';
import type { JobLimits } from '../jobs/job-limits.ts';
import { checkUpload, uploadPrefix } from './check-upload.ts';
import { UploadAddresses } from './upload-addresses.ts';

export interface UploadsOptions {
  /** Where pictures are put, below `uploads/`: an S3 bucket's name, or the `file:///` address of a folder. Jobs may read it. */
  readonly bucket: string;
  /** Signs addresses of this service, the same on every instance behind one address. Random where nothing is said. */
  readonly secret?: string | undefined;
}

const listedAtOnce = 1_000;

/** Pictures that clients put into the bucket themselves, on addresses that are good for one picture and a while. */
export class Uploads {
  readonly #bucket: string;
  readonly #store: ObjectStore;
  readonly #addresses: UploadAddresses;
  readonly #limits: JobLimits;

  constructor(options: UploadsOptions, buckets: Pick<Buckets, 'open'>, limits: JobLimits) {
    this.#bucket = options.bucket;
    this.#store = buckets.open(options.bucket);
    this.#addresses = new UploadAddresses(options.secret);
    this.#limits = limits;
  }

  /** @throws {RookeryError} REQUEST_INVALID, KEY_INVALID, REQUEST_TOO_LARGE */
  async grant({ upload = newUploadId(), files }: UploadRequest): Promise<UploadGrant> {
    checkUpload(files, this.#limits);
    const until = Date.now() + this.#limits.addressMs;
    const slots = await Promise.all(
      // Whoever may read the bucket gets a picture with a type that was asked for, and never as a page.
      files.map(async ({ name, sizeBytes, type = 'application/octet-stream' }): Promise<UploadSlot> => {
        const key = uploadPrefix(upload) + name;
        const file = { name, bytes: sizeBytes, type };
        const at = this.#isFolder
          ? this.#addresses.of(upload, { ...file, until })
          : await this.#store.presign('PUT', key, {
              expiresMs: this.#limits.addressMs,
              contentType: type,
              sizeBytes,
            });
        return { name, key, method: 'PUT', url: at.url, headers: { ...at.headers } };
      }),
    );
    return { upload, slots, expiresAt: new Date(until).toISOString() };
  }

  /**
   * Takes a picture on an address of this service.
   * @throws {RookeryError} UPLOAD_ADDRESS_INVALID, REQUEST_TOO_LARGE, REQUEST_INVALID, those of the store
   */
  async put(
    upload: string,
    query: UploadAddressQuery,
    picture: { readonly type: string | undefined; readonly chunks: AsyncIterable<Uint8Array> },
  ): Promise<void> {
    if (!this.#isFolder) throw new RookeryError('ROUTE_NOT_FOUND', { detail: 'pictures are put into the bucket' });
    this.#addresses.check(upload, query);
    const { name, bytes, type } = query;
    if (type !== undefined && picture.type !== type)
      throw new RookeryError('UPLOAD_ADDRESS_INVALID', { detail: `it is for ${type}` });
    const body = exactly(bytes, picture.chunks);
    await this.#store.write(uploadPrefix(upload) + name, body, { contentType: type });
  }

  /** What has arrived, a page of it, by name. */
  async state(upload: string, after: string | undefined, signal?: AbortSignal): Promise<UploadState> {
    const prefix = uploadPrefix(upload);
    const startAfter = after === undefined ? undefined : prefix + after;
    let files: UploadState['files'] | undefined;
    for await (const page of this.#store.list(prefix, { startAfter, pageSize: listedAtOnce, signal })) {
      // There is more.
      if (files) return { upload, files, next: files.at(-1)?.name ?? null };
      files = page.map(({ key, sizeBytes }) => ({ name: key.slice(prefix.length), sizeBytes }));
    }
    return { upload, files: files ?? [], next: null };
  }

  /** Where the pictures of an upload lie. @throws {RookeryError} SOURCE_NOT_FOUND where there are none */
  async arrived(upload: string): Promise<{ readonly bucket: string; readonly prefix: string }> {
    const prefix = uploadPrefix(upload);
    for await (const page of this.#store.list(prefix, { pageSize: 1 }))
      if (page.length > 0) return { bucket: this.#bucket, prefix };
    throw new RookeryError('SOURCE_NOT_FOUND', { detail: `nothing of the upload ${upload} has arrived` });
  }

  /** Nobody but this service can check and expire what is put into a folder. */
  get #isFolder(): boolean {
    return this.#bucket.startsWith('file:');
  }
}

/** `20261124-3f9a5b7c21d0`. */
const newUploadId = (): string =>
  `${new Date().toISOString().slice(0, 10).replaceAll('-', '')}-${randomBytes(6).toString('hex')}`;

/** Passes on what was announced, to the byte. */
async function* exactly(bytes: number, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let got = 0;
  for await (const chunk of chunks) {
    got += chunk.byteLength;
    if (got > bytes) throw new RookeryError('REQUEST_TOO_LARGE', { detail: `over ${bytes} bytes` });
    yield chunk;
  }
  if (got < bytes) throw new RookeryError('REQUEST_INVALID', { detail: `${got} bytes instead of ${bytes}` });
}
