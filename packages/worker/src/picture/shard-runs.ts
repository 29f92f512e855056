import type { TaskItem } from '@rookery/contracts';
import type { PictureNeed } from '@rookery/inference';
import type { Bucket, FetchedPicture, Fetcher } from './fetcher.ts';

/** Bytes of a shard that one request brings, at most. */
const maxRunBytes = 4 << 20;
/** Bytes between two members that are not worth a request of their own: headers, captions. */
const maxGapBytes = 64 << 10;

/** Pictures that lie beside each other in one shard: read together, each in a buffer of its own. */
interface Run {
  readonly items: readonly { readonly item: TaskItem; readonly index: number }[];
  readonly start: number;
  readonly sizeBytes: number;
  reading?: Promise<Map<number, FetchedPicture>>;
}

/**
 * Reads the pictures of one task. Those that lie close together in a shard come with one request, when the first of them is asked for;
 * whatever has been handed out once, or lies alone, is read by itself.
 */
export class ShardRuns implements Disposable {
  readonly #fetcher: Fetcher;
  readonly #bucket: Bucket;
  readonly #runs: readonly (Run | undefined)[];
  readonly #left = new Set<FetchedPicture>();
  #over = false;

  constructor(items: readonly TaskItem[], fetcher: Fetcher, bucket: Bucket) {
    this.#fetcher = fetcher;
    this.#bucket = bucket;
    const runs = new Array<Run | undefined>(items.length);
    for (const run of runsOf(items, fetcher.pictureBytes)) for (const { index } of run.items) runs[index] = run;
    this.#runs = runs;
  }

  /** @throws as `Fetcher.fetch` does */
  async fetch(item: TaskItem, index: number, signal: AbortSignal, need?: PictureNeed): Promise<FetchedPicture> {
    const run = this.#runs[index];
    if (run) {
      run.reading ??= this.#read(run, signal);
      const pictures = await run.reading;
      const picture = pictures.get(index);
      if (picture) {
        pictures.delete(index);
        this.#left.delete(picture);
        return picture;
      }
    }
    return await this.#fetcher.fetch(item, this.#bucket, signal, need);
  }

  async #read(run: Run, signal: AbortSignal): Promise<Map<number, FetchedPicture>> {
    const pictures = new Map<number, FetchedPicture>();
    const first = run.items[0]?.item;
    if (!first) return pictures;
    const { body, etag, reservation } = await this.#fetcher.fetchRange(first, run, this.#bucket, signal);
    let held = 0;
    for (const { item, index } of run.items) {
      const { start = 0, sizeBytes = 0 } = item.shard ?? {};
      const bytes = body.slice(start - run.start, start - run.start + sizeBytes);
      // Where the shard ends too early the picture is asked for by itself, and says so.
      if (bytes.byteLength < sizeBytes) continue;
      let released = false;
      const release = (): void => {
        if (released) return;
        released = true;
        held -= sizeBytes;
        reservation.shrink(held);
      };
      held += sizeBytes;
      const picture = { bytes, sizeBytes, etag, release };
      pictures.set(index, picture);
      this.#left.add(picture);
    }
    // What lies between the pictures is gone with the body.
    reservation.shrink(held);
    if (this.#over) this[Symbol.dispose]();
    return pictures;
  }

  /** Gives back what nobody came for. */
  [Symbol.dispose](): void {
    this.#over = true;
    for (const { release } of this.#left) release();
    this.#left.clear();
  }
}

function* runsOf(items: readonly TaskItem[], pictureBytes: number): Generator<Run> {
  let run: Run['items'][number][] = [];
  let [start, end] = [0, 0];
  for (const [index, item] of items.entries()) {
    const { shard } = item;
    const last = run.at(-1)?.item;
    const fits =
      shard !== undefined &&
      last?.shard?.key === shard.key &&
      last.etag === item.etag &&
      shard.start >= end &&
      shard.start - end <= maxGapBytes &&
      shard.start + shard.sizeBytes - start <= maxRunBytes;
    if (!fits) {
      if (run.length > 1) yield { items: run, start, sizeBytes: end - start };
      run = [];
    }
    if (!shard || shard.sizeBytes === 0 || shard.sizeBytes > Math.min(pictureBytes, maxRunBytes)) continue;
    if (run.length === 0) start = shard.start;
    run.push({ item, index });
    end = shard.start + shard.sizeBytes;
  }
  if (run.length > 1) yield { items: run, start, sizeBytes: end - start };
}
