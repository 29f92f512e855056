/** Times that a median is taken of: the latest ones. */
const keptTimes = 1_000;

/** What one version did. */
class VersionTally {
  #answered = 0;
  #failed = 0;
  /** Milliseconds a picture, of the engine; the oldest is overwritten. */
  readonly #times: number[] = [];

  get pictures(): number {
    return this.#answered + this.#failed;
  }

  get failed(): number {
    return this.#failed;
  }

  /** `undefined` where nothing was answered. */
  get medianMs(): number | undefined {
    return this.#times.toSorted((a, b) => a - b)[this.#times.length >> 1];
  }

  answered(ms: number): void {
    this.#times[this.#answered++ % keptTimes] = ms;
  }

  fail(): void {
    this.#failed++;
  }
}

/** What two versions under one alias did since they stand beside each other, as one process saw it. */
export class RolloutTally {
  readonly stable = new VersionTally();
  readonly canary = new VersionTally();
  #compared = 0;
  #differed = 0;

  get compared(): number {
    return this.#compared;
  }

  /** Of those compared: other first labels. */
  get differed(): number {
    return this.#differed;
  }

  compare(same: boolean): void {
    this.#compared++;
    if (!same) this.#differed++;
  }
}
