import type { StoreLog } from '../store-log.ts';

/** Says which request is not done yet, every so often, so that nobody waits without knowing what for. */
export class SlowRequests {
  readonly #afterMs: number;
  readonly #log: StoreLog | undefined;
  #saidAt = Number.NEGATIVE_INFINITY;

  /** `afterMs`: how long a request may take unsaid, and how often anything is said of all of them together. */
  constructor(options: { readonly afterMs: number; readonly log: StoreLog | undefined }) {
    this.#afterMs = options.afterMs;
    this.#log = options.log;
  }

  /** Watches one request, with its repeats, until it is disposed of. */
  during(tried: string): Disposable {
    const log = this.#log;
    if (!log) return { [Symbol.dispose]: () => {} };
    const startedAt = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      // Half, since timers of requests that began together fire one after the other.
      if (now - this.#saidAt < this.#afterMs / 2) return;
      this.#saidAt = now;
      const waitedMs = Math.round(now - startedAt);
      log.warn({ tried, waitedMs }, `${tried}: not done after ${Math.round(waitedMs / 1000)} s, still trying`);
    }, this.#afterMs);
    timer.unref();
    return { [Symbol.dispose]: () => clearInterval(timer) };
  }
}
