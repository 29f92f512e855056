/** Asks repeatedly why a count does not move, and reports each new reason. */
export class RefusalWatch {
  readonly #everyMs: number;
  readonly #ask: () => Promise<string | undefined>;
  readonly #now: () => number;
  #last: number | undefined;
  #askedAt = 0;
  #said: string | undefined;

  /** `now`: a clock that does not jump. Milliseconds. */
  constructor(everyMs: number, ask: () => Promise<string | undefined>, now: () => number = () => performance.now()) {
    this.#everyMs = everyMs;
    this.#ask = ask;
    this.#now = now;
  }

  /** What holds it up, if it has not moved for that long and the reason was not reported before. */
  async look(count: number): Promise<string | undefined> {
    const now = this.#now();
    if (count !== this.#last) {
      this.#last = count;
      this.#askedAt = now;
    }
    if (now - this.#askedAt < this.#everyMs) return undefined;
    this.#askedAt = now;
    const answer = await this.#ask();
    const isNew = answer !== this.#said;
    this.#said = answer;
    return isNew ? answer : undefined;
  }
}
