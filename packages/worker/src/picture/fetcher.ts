import { type ErrorCode, RookeryError, type ShardPart, type TaskItem } from '@rookery/contracts';
import type { PictureNeed } from '@rookery/inference';
import type { GetOptions, ObjectStore } from '@rookery/storage';
import { Budget, type Reservation } from '../budget.ts';
import type { StoreGuard } from '../store-guard.ts';
import { fetchNeeded, firstRangeBytes, type Needed, type ObjectReader } from './fetch-needed.ts';
import { RangeHabit } from './range-habit.ts';
import { SizeEstimate } from './size-estimate.ts';

/** A bucket, and what is known of its health. */
export interface Bucket {
  readonly store: ObjectStore;
  readonly guard: StoreGuard;
}

/** An object's bytes; they count against the budget until `release`. */
export interface FetchedPicture {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of the object. */
  readonly sizeBytes: number;
  readonly etag: string;
  /** The bytes are its first ones, as `PictureNeed` closed them. */
  readonly isCut?: boolean | undefined;
  readonly release: () => void;
}

export interface FetcherOptions {
  readonly bytes: number;
  readonly pictureBytes: number;
  readonly fetches: number;
  /** When ranges are worth their requests; found out by default. */
  readonly habit?: Pick<RangeHabit, 'isWorthTrying' | 'took'>;
  /** `skippedBytes`: of the object, not read. */
  readonly onFetched: (sizeBytes: number, seconds: number, skippedBytes: number) => void;
}

/** Codes of a store that say something about the one object, as lines name them. */
const codeOfObject: Partial<Record<ErrorCode, ErrorCode>> = {
  OBJECT_NOT_FOUND: 'SOURCE_NOT_FOUND',
  OBJECT_CHANGED: 'SOURCE_CHANGED',
  OBJECT_TOO_LARGE: 'SOURCE_TOO_MANY_BYTES',
  STORE_NOT_FOUND: 'SOURCE_NOT_FOUND',
  STORE_DENIED: 'SOURCE_DENIED',
};

/** Reads objects into memory: so many at a time, and never more bytes than the budget whatever their sizes. */
export class Fetcher {
  readonly #options: FetcherOptions;
  readonly #bytes: Budget;
  readonly #places: Budget;
  readonly #sizes = new SizeEstimate();
  readonly #habit: Pick<RangeHabit, 'isWorthTrying' | 'took'>;

  constructor(options: FetcherOptions) {
    this.#options = options;
    this.#habit = options.habit ?? new RangeHabit();
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
   * With `need` only as much as a model sees, where that can be told from the beginning.
   * @throws {RookeryError} SOURCE_NOT_FOUND, SOURCE_CHANGED, SOURCE_TOO_MANY_BYTES, SOURCE_DENIED, KEY_INVALID for this object alone;
   * STORE_UNAVAILABLE, ABORTED.
   */
  async fetch(
    item: TaskItem,
    { store, guard }: Bucket,
    signal: AbortSignal,
    need?: PictureNeed,
  ): Promise<FetchedPicture> {
    if (item.shard) return await this.#fetchMember(item, item.shard, { store, guard }, signal);
    using _place = await this.#places.acquire(1, signal);
    const limit = this.#options.pictureBytes;
    let mayBeCut = need !== undefined;
    for (let maxBytes = Math.min(this.#sizes.expectedBytes, limit); ; ) {
      const reservation = await this.#bytes.acquire(maxBytes, signal);
      try {
        const startedAt = performance.now();
        const { key, etag: ifMatch, versionId } = item;
        const reader = readerOf(key, { maxBytes, ifMatch, versionId, signal }, { store, guard }, signal);
        const byRange = need && mayBeCut && maxBytes > firstRangeBytes && this.#habit.isWorthTrying();
        const fetched = byRange ? await fetchNeeded(key, reader, need, maxBytes) : await fetchWhole(reader);
        const { bytes, sizeBytes, readBytes, etag, isCut } = fetched;
        const tookMs = performance.now() - startedAt;
        if (need && sizeBytes > firstRangeBytes) this.#habit.took(tookMs, { byRange: byRange === true, isCut });
        reservation.shrink(bytes.byteLength);
        this.#sizes.record(sizeBytes);
        this.#options.onFetched(readBytes, tookMs / 1000, sizeBytes - readBytes);
        return { bytes, sizeBytes, etag, isCut, release: reservation.release };
      } catch (thrown) {
        reservation.release();
        if (!(thrown instanceof RookeryError)) throw thrown;
        if (thrown.code === 'OBJECT_CHANGED' && item.etag === undefined && mayBeCut) {
          // Between two ranges, which is nothing to whoever asks for it as it is: read in one piece.
          mayBeCut = false;
          continue;
        }
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
      this.#options.onFetched(body.byteLength, (performance.now() - startedAt) / 1000, 0);
      return { body, etag, reservation };
    } catch (thrown) {
      reservation.release();
      throw thrown instanceof RookeryError ? asSourceError(thrown) : thrown;
    }
  }
}

function readerOf(key: string, always: GetOptions, { store, guard }: Bucket, signal: AbortSignal): ObjectReader {
  return {
    get: (more) => guard.run(() => store.get(key, { ...always, ...more }), signal),
    readInto: (whole, range, ifMatch) =>
      guard.run(async () => {
        const { chunks } = await store.read(key, { ...always, range, ifMatch });
        let at = range.start;
        for await (const chunk of chunks) {
          whole.set(chunk.subarray(0, range.end + 1 - at), at);
          at += chunk.byteLength;
        }
        if (at !== range.end + 1)
          throw new RookeryError('STORE_UNAVAILABLE', { detail: `${key}: ${at - range.start} bytes came of a range` });
      }, signal),
  };
}

async function fetchWhole(reader: ObjectReader): Promise<Needed> {
  const { body, etag } = await reader.get({});
  return { bytes: body, sizeBytes: body.byteLength, readBytes: body.byteLength, etag, isCut: false };
}

const asSourceError = (error: RookeryError): RookeryError => {
  const code = codeOfObject[error.code];
  // Refused for its credentials, the store has said nothing of this object.
  return code && !error.retryable ? new RookeryError(code, { detail: error.detail ?? '', cause: error }) : error;
};
