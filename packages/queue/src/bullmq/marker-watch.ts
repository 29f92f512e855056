import { pause } from '@rookery/contracts';
import type { RedisLink } from './redis-link.ts';

/** How long one blocking call lasts. Also how often a waiting receiver looks by itself, whatever became of the marker. */
export const pollMs = 5_000;
const pauseAfterFailureMs = 250;

/**
 * Tells receivers that there may be something to fetch. BullMQ keeps a marker in a sorted set of each queue for that: it
 * wakes one blocked client when a job is added, returned or due, and fetching sets it again while there is more. Waiting
 * takes no job, so giving up waiting hides none. One blocking call at a time, on a connection of its own.
 */
export class MarkerWatch {
  readonly #link: RedisLink;
  readonly #marker: string;
  readonly #waiting = new Set<() => void>();
  readonly #closing = new AbortController();
  #watching = false;
  #watch: Promise<void> = Promise.resolve();

  constructor(link: RedisLink, marker: string) {
    this.#link = link;
    this.#marker = marker;
  }

  /** Resolves when it is worth looking, after `ms` at the latest, or on abort. */
  wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.resolve();
    const wake = new AbortController();
    const woken = (): void => wake.abort();
    this.#waiting.add(woken);
    if (!this.#watching) this.#watch = this.#watchMarker();
    return pause(ms, signal, wake.signal).finally(() => this.#waiting.delete(woken));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake();
    await this.#link.close();
    await this.#watch;
  }

  async #watchMarker(): Promise<void> {
    const closing = this.#closing.signal;
    this.#watching = true;
    while (this.#waiting.size > 0 && !closing.aborted) {
      try {
        const popped = await this.#link.call(
          'waiting for a task',
          () => this.#link.client.bzpopmin(this.#marker, pollMs / 1_000),
          pollMs + 5_000,
        );
        // Nobody is left here to fetch: the next one shall be woken.
        if (popped !== null && this.#waiting.size === 0) await this.#restore();
      } catch {
        // Whoever waits looks for itself, and reports what it meets.
        await pause(pauseAfterFailureMs, closing);
      }
      this.#wake();
    }
    this.#watching = false;
  }

  #wake(): void {
    for (const woken of this.#waiting) woken();
    this.#waiting.clear();
  }

  #restore(): Promise<unknown> {
    return this.#link.call('waking another worker', () => this.#link.client.zadd(this.#marker, 0, '0'));
  }
}
