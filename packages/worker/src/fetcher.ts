import { type ErrorCode, RookeryError, type ShardPart, type TaskItem } from '@rookery/contracts';
import type { ObjectStore } from '@rookery/storage';
import { Budget, type Reservation } from './budget.ts';
import { SizeEstimate } from './size-estimate.ts';
import type { StoreGuard } from './store-guard.ts';

/** A bucket, and what is known of its health. */
export interface Bucket {
  readonly store: ObjectStore;
  readonly guard: StoreGuard;
}

/** An object's bytes; they count against the budget until `release`. */
export interface FetchedPicture {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly release: () => void;
}

export interface FetcherOptions {
  readonly bytes: number;
  readonly pictureBytes: number;
  readonly fetches: number;
  readonly onFetched: (sizeBytes: number, seconds: number) => void;
}

/** Codes of a store that say something about the one object, as lines name them. */
const codeOfObject: Partial<Record<ErrorCode, ErrorCode>> = {
  OBJECT_NOT_FOUND: 'SOURCE_NOT_FOUND',
  OBJECT_CHANGED: 'SOURCE_CHANGED',
  OBJECT_TOO_LARGE: 'SOURCE_TOO_MANY_BYTES',
  STORE_DENIED: 'SOURCE_DENIED',
};

/** Reads objects into memory: so many at a time, and never more bytes than the budget whatever their sizes. */
export class Fetcher {
  readonly #options: FetcherOptions;
  readonly #bytes: Budget;
  readonly #places: Budget;
  readonly #sizes = new SizeEstimate();

  constructor(options: FetcherOptions) {
    this.#options = options;
    this.#bytes = new Budget(options.bytes);
    this.#places = new Budget(options.fetches);
  }

  /** SOURCE_TOO_MANY_BYTES beyond this. */
  get pictureBytes(): number {
    return this.#options.pictureBytes;
  }

  get heldBytes(): number {
    return this.#bytes.held;
  }

  /**
   * @throws {RookeryError} SOURCE_NOT_FOUND, SOURCE_CHANGED, SOURCE_TOO_MANY_BYTES, SOURCE_DENIED, KEY_INVALID for this object alone;
   * STORE_UNAVAILABLE, ABORTED.
   */
  async fetch(item: TaskItem, { store, guard }: Bucket, signal: AbortSignal): Promise<FetchedPicture> {
    if (item.shard) return await this.#fetchMember(item, item.shard, { store, guard }, signal);
    using _place = await this.#places.acquire(1, signal);
    const limit = this.#options.pictureBytes;
    for (let maxBytes = Math.min(this.#sizes.expectedBytes, limit); ; ) {
      const reservation = await this.#bytes.acquire(maxBytes, signal);
      try {
        const startedAt = performance.now();
        const get = { maxBytes, ifMatch: item.etag, versionId: item.versionId, signal };
        const { body, etag } = await guard.run(() => store.get(item.key, get), signal);
        const sizeBytes = body.byteLength;
        reservation.shrink(sizeBytes);
        this.#sizes.record(sizeBytes);
        this.#options.onFetched(sizeBytes, (performance.now() - startedAt) / 1000);
        return { bytes: body, sizeBytes, etag, release: reservation.release };
      } catch (thrown) {
        reservation.release();
        if (!(thrown instanceof RookeryError)) throw thrown;
        if (thrown.code !== 'OBJECT_TOO_LARGE' || maxBytes >= limit) throw asSourceError(thrown);
        // Larger than guessed: how large? A version's size is not asked for, so room is made for the largest.
        const info = item.versionId ? undefined : await guard.run(() => store.head(item.key, signal), signal);
        if (info) this.#sizes.record(Math.min(info.sizeBytes, limit));
        maxBytes = Math.min(limit, Math.max(info?.sizeBytes ?? limit, maxBytes + 1));
      }
    }
  }

  /** A picture in a shard: its bytes and no others. */
  async #fetchMember(item: TaskItem, shard: ShardPart, bucket: Bucket, signal: AbortSignal): Promise<FetchedPicture> {
    const { start, sizeBytes } = shard;
    const limit = this.#options.pictureBytes;
    if (sizeBytes > limit)
      throw new RookeryError('SOURCE_TOO_MANY_BYTES', { detail: `${item.key}: ${sizeBytes} bytes, at most ${limit}` });
    if (sizeBytes === 0) throw new RookeryError('PICTURE_EMPTY', { detail: item.key });
    const { body, etag, reservation } = await this.fetchRange(item, { start, sizeBytes }, bucket, signal);
    if (body.byteLength === sizeBytes) return { bytes: body, sizeBytes, etag, release: reservation.release };
    reservation.release();
    throw new RookeryError('PICTURE_CORRUPT', { detail: `${shard.key} ends inside of ${item.key}` });
  }

  /** Bytes of the shard that an item lies in; fewer where the shard ends. They count against the budget until they are released. */
  async fetchRange(
    { key, shard, etag: ifMatch, versionId }: TaskItem,
    { start, sizeBytes }: Pick<ShardPart, 'start' | 'sizeBytes'>,
    { store, guard }: Bucket,
    signal: AbortSignal,
  ): Promise<{ body: Uint8Array<ArrayBuffer>; etag: string; reservation: Reservation }> {
    using _place = await this.#places.acquire(1, signal);
    const reservation = await this.#bytes.acquire(sizeBytes, signal);
    try {
      const startedAt = performance.now();
      const get = { range: { start, end: start + sizeBytes - 1 }, maxBytes: sizeBytes, ifMatch, versionId, signal };
      const { body, etag } = await guard.run(() => store.get(shard?.key ?? key, get), signal);
      this.#options.onFetched(body.byteLength, (performance.now() - startedAt) / 1000);
      return { body, etag, reservation };
    } catch (thrown) {
      reservation.release();
      throw thrown instanceof RookeryError ? asSourceError(thrown) : thrown;
    }
  }
}

const asSourceError = (error: RookeryError): RookeryError => {
  const code = codeOfObject[error.code];
  return code ? new RookeryError(code, { detail: error.detail ?? '', cause: error }) : error;
};
