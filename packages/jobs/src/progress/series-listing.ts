import type { ObjectInfo, ObjectStore } from '@rookery/storage';
import { SeqCursor } from './seq-cursor.ts';

const pageSize = 1_000;
/** Up to this many gaps are asked for one by one instead of listing again all that lies behind the first. */
const maxGaps = 32;

export interface SeriesNames {
  /** Ends with the folder's slash. */
  readonly folder: string;
  /** The object of a number. */
  keyOf(seq: number): string;
}

/**
 * Follows a growing folder of numbered objects. Each look lists on from the first gap; where a few gaps lie more than a page behind the
 * front (the first task is the slowest), they are asked for by name and the listing goes on from the front: the requests of all looks
 * together stay linear in the series.
 */
export class SeriesListing {
  readonly seen = new SeqCursor();
  /** Below this number everything that was there at the last look has been seen. */
  #front = 0;

  constructor(
    private readonly store: ObjectStore,
    private readonly names: SeriesNames,
  ) {}

  /** What is known without listing: the caller wrote it. */
  note(seq: number): boolean {
    return this.seen.add(seq);
  }

  /** Lists on and resolves to what is new, in no order. */
  async look(signal?: AbortSignal): Promise<{ seq: number; info: ObjectInfo }[]> {
    const found: { seq: number; info: ObjectInfo }[] = [];
    let from = this.seen.next;
    if (this.#front - from > pageSize) {
      const gaps = this.seen.missingBelow(this.#front, maxGaps);
      if (gaps.length <= maxGaps) {
        await Promise.all(
          gaps.map(async (seq) => {
            const info = await this.store.head(this.names.keyOf(seq), signal);
            if (info && this.seen.add(seq)) found.push({ seq, info });
          }),
        );
        from = this.#front;
      }
    }
    const startAfter = from > 0 ? this.names.keyOf(from - 1) : undefined;
    for await (const page of this.store.list(this.names.folder, { startAfter, pageSize, signal })) {
      for (const info of page) {
        const seq = this.#seqOf(info.key);
        if (seq === undefined) continue;
        this.#front = Math.max(this.#front, seq + 1);
        if (this.seen.add(seq)) found.push({ seq, info });
      }
    }
    return found;
  }

  #seqOf(key: string): number | undefined {
    const digits = key.slice(this.names.folder.length, this.names.folder.length + 10);
    const seq = /^\d{10}$/.test(digits) ? Number(digits) : undefined;
    return seq !== undefined && key === this.names.keyOf(seq) ? seq : undefined;
  }
}
