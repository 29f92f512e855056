import { RookeryError } from '@rookery/contracts';

export interface SeatsOptions {
  /** What is taken, for messages: `streams`. */
  readonly what: string;
  readonly all: number;
  readonly perCaller: number;
}

/** Places for what lasts: so many at the same time in all, and so many for one caller. */
export class Seats {
  readonly #options: SeatsOptions;
  readonly #taken = new Map<string, number>();
  #all = 0;

  constructor(options: SeatsOptions) {
    this.#options = options;
  }

  get taken(): number {
    return this.#all;
  }

  /** Resolves to what gives the place back; calling that again does nothing. @throws {RookeryError} OVERLOADED, RATE_LIMITED */
  take(caller: string): () => void {
    const { what, all, perCaller } = this.#options;
    const own = this.#taken.get(caller) ?? 0;
    if (own >= perCaller) {
      const detail = `at most ${perCaller} ${what} at the same time`;
      throw new RookeryError('RATE_LIMITED', { detail, retryAfterMs: 5_000 });
    }
    if (this.#all >= all)
      throw new RookeryError('OVERLOADED', { detail: `all ${all} ${what} are taken`, retryAfterMs: 5_000 });
    this.#all++;
    this.#taken.set(caller, own + 1);
    let free = false;
    return () => {
      if (free) return;
      free = true;
      this.#all--;
      const left = (this.#taken.get(caller) ?? 1) - 1;
      if (left > 0) this.#taken.set(caller, left);
      else this.#taken.delete(caller);
    };
  }
}
