import { pause } from '@rookery/contracts';

const forever = 2 ** 31 - 1;

/**
 * Fetches that their caller no longer waits for. A fetch that was cut off could hide what the server has already handed
 * over, so it goes on, and what it brings is given back.
 */
export class Abandonment<T> {
  readonly #giveBack: (brought: T) => Promise<unknown>;
  readonly #closing: AbortSignal;
  readonly #underWay = new Set<Promise<void>>();

  constructor(giveBack: (brought: T) => Promise<unknown>, closing: AbortSignal) {
    this.#giveBack = giveBack;
    this.#closing = closing;
  }

  /** What is fetched; `undefined` as soon as `signal` or closing aborts. @throws what the fetch throws before that */
  async unlessAborted(fetching: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
    const isGivenUp = (): boolean => this.#closing.aborted || signal?.aborted === true;
    // Decided in one place and at once: what is fetched is either returned or given back.
    const kept = fetching.then((brought) => (isGivenUp() ? this.#giveBack(brought).then(() => undefined) : brought));
    // From the start, so that whoever closes waits for it.
    const ending = kept.then(
      () => void this.#underWay.delete(ending),
      () => void this.#underWay.delete(ending),
    );
    this.#underWay.add(ending);
    const over = new AbortController();
    const aborted = pause(forever, signal, this.#closing, over.signal).then(() => undefined);
    return Promise.race([kept, aborted]).finally(() => over.abort());
  }

  /** Resolves when all of them are over. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }
}
