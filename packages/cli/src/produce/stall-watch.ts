/** How long a number may stand still before that is worth a word. */
export class StallWatch {
  readonly #afterMs: number;
  readonly #now: () => number;
  #last: number | undefined;
  #since = 0;
  #said = false;

  /** `now`: a clock that does not jump. Milliseconds. */
  constructor(afterMs: number, now: () => number = () => performance.now()) {
    this.#afterMs = afterMs;
    this.#now = now;
  }

  /** Whether it has not moved for that long: true once, until it moves again. */
  look(count: number): boolean {
    if (count !== this.#last) {
      this.#last = count;
      this.#since = this.#now();
      this.#said = false;
    }
    if (this.#said || this.#now() - this.#since < this.#afterMs) return false;
    this.#said = true;
    return true;
  }
}
