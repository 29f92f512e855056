import { asRookeryError, bytesOfItem, type Job, RookeryError, type TaskItem } from '@rookery/contracts';
import { pictureThumbnail } from '@rookery/inference';
import type { Buckets } from '@rookery/storage';
import { Semaphore } from '../serving/semaphore.ts';
import type { JobLimits } from './job-limits.ts';
import { Recent } from './recent.ts';

/** Pictures of jobs, scaled down; a bounded number at a time, the last ones kept. */
export class Thumbnails {
  readonly #buckets: Pick<Buckets, 'open'>;
  readonly #limits: JobLimits;
  readonly #places: Semaphore;
  readonly #kept: Recent<Uint8Array>;
  #waiting = 0;

  constructor(buckets: Pick<Buckets, 'open'>, limits: JobLimits) {
    this.#buckets = buckets;
    this.#limits = limits;
    this.#places = new Semaphore(limits.thumbnails);
    this.#kept = new Recent(limits.thumbnailBytes, ({ byteLength }) => byteLength);
  }

  /**
   * WebP that fits a square. Where it is known which state of the picture was labelled, it is that one or none.
   * @throws {RookeryError} OVERLOADED, BUCKET_REFUSED, those of the store and of decoding
   */
  async of({ source: { bucket } }: Job, item: TaskItem, side: number, signal: AbortSignal): Promise<Uint8Array> {
    const name = item.etag === undefined ? undefined : JSON.stringify([bucket, item.key, item.etag, side]);
    const known = name === undefined ? undefined : this.#kept.get(name);
    if (known) return known;
    if (this.#waiting >= this.#limits.waitingThumbnails)
      throw new RookeryError('OVERLOADED', { detail: 'too many pictures wait to be shown', retryAfterMs: 1_000 });
    this.#waiting++;
    try {
      const made = await this.#places.run(signal, () => this.#make(bucket, item, side, signal));
      if (name !== undefined) this.#kept.set(name, made);
      return made;
    } catch (thrown) {
      throw asRookeryError(thrown);
    } finally {
      this.#waiting--;
    }
  }

  async #make(bucket: string, item: TaskItem, side: number, signal: AbortSignal): Promise<Uint8Array> {
    const { pictureBytes, maxPixels } = this.#limits;
    const { etag, versionId } = item;
    const { key, range } = bytesOfItem(item);
    const { body } = await this.#buckets
      .open(bucket)
      .get(key, { maxBytes: pictureBytes, ifMatch: etag, versionId, range, signal });
    return pictureThumbnail(body, { side, maxPixels });
  }
}
