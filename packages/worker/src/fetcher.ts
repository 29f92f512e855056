import { type ErrorCode, RookeryError, type TaskItem } from '@rookery/contracts';
import type { ObjectStore } from '@rookery/storage';
import { Budget } from './budget.ts';
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

  get heldBytes(): number {
    return this.#bytes.held;
  }

  /**
   * @throws {RookeryError} SOURCE_NOT_FOUND, SOURCE_CHANGED, SOURCE_TOO_MANY_BYTES, SOURCE_DENIED, KEY_INVALID for this object alone;
   * STORE_UNAVAILABLE, ABORTED.
   */
  async fetch(item: TaskItem, { store, guard }: Bucket, signal: AbortSignal): Promise<FetchedPicture> {
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
}

const asSourceError = (error: RookeryError): RookeryError => {
  const code = codeOfObject[error.code];
  return code ? new RookeryError(code, { detail: error.detail ?? '', cause: error }) : error;
};
