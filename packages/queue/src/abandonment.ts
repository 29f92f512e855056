import { pause } from './pause.ts';

const forever = 2 ** 31 - 1;

/**
 * Fetches that their caller no longer waits for. A fetch that was cut off could hide what the server has already handed
 * over, so it goes on, and what it brings is given back.
 */
export class Abandonment<T> {
  readonly #giveBack: (brought: T) => Promise<unknown>;
  readonly #closing: AbortSignal;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(giveBack: (brought: T) => Promise<unknown>, closing: AbortSignal) {
    this.#giveBack = giveBack;
    this.#closing = closing;
  }

  /** What is fetched; `undefined` as soon as `signal` or closing aborts. @throws what the fetch throws before that */
  async unlessAborted(fetching: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
    const over = new AbortController();
    const aborted = pause(forever, signal, this.#closing, over.signal).then(() => undefined);
    try {
      const brought = await Promise.race([fetching, aborted]);
      if (brought !== undefined && !signal?.aborted && !this.#closing.aborted) return brought;
    } finally {
      over.abort();
    }
    // One that fails brings nothing, and nobody waits for it.
    const ending = fetching.then(this.#giveBack).catch(() => undefined);
    this.#underWay.add(ending);
    void ending.then(() => this.#underWay.delete(ending));
    return undefined;
  }

  /** Resolves when all of them are over. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }
}
