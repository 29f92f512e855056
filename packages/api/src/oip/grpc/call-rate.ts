import { RookeryError } from '@rookery/contracts';

const windowMs = 60_000;
const kept = 10_000;

/** So many calls a minute by each caller. */
export class CallRate {
  readonly #windows = new Map<string, { calls: number; readonly until: number }>();

  constructor(
    private readonly perMinute: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** @throws {RookeryError} RATE_LIMITED */
  count(caller: string): void {
    const now = this.now();
    const known = this.#windows.get(caller);
    const window = known && now < known.until ? known : { calls: 0, until: now + windowMs };
    window.calls += 1;
    // Most recent last.
    this.#windows.delete(caller);
    this.#windows.set(caller, window);
    const [oldest] = this.#windows.keys();
    if (this.#windows.size > kept && oldest !== undefined) this.#windows.delete(oldest);
    if (window.calls > this.perMinute)
      throw new RookeryError('RATE_LIMITED', {
        detail: `at most ${this.perMinute} a minute`,
        retryAfterMs: window.until - now,
      });
  }
}
