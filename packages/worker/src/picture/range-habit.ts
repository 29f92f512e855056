/** Pictures with nothing to leave out, one after the other, after which ranges are tried only now and then. */
const patience = 32;
/** Of the other way, before the two are compared. */
const fewest = 8;
const firstEvery = 4;
const laterEvery = 16;
/** Ranges may take so much longer: they read less, which others who share the line have. */
const worthTime = 1.1;

/**
 * Whether it is worth to read the beginning of a picture first, found by doing both: it costs more requests, and saves bytes. Near a
 * store, or where nothing can be left out, whole pictures come sooner; over a slow line ranges do.
 */
export class RangeHabit {
  readonly #byRange = new RecentMean();
  readonly #whole = new RecentMean();
  #inVain = 0;
  #turn = 0;

  isWorthTrying(): boolean {
    this.#turn += 1;
    const other = this.#turn % (this.#whole.count < fewest ? firstEvery : laterEvery) === 0;
    return this.#preferred() !== other;
  }

  /** How long one took that was larger than its first range; `isCut`: bytes were left out. */
  took(ms: number, how: { readonly byRange: boolean; readonly isCut: boolean }): void {
    (how.byRange ? this.#byRange : this.#whole).add(ms);
    if (how.byRange) this.#inVain = how.isCut ? 0 : this.#inVain + 1;
  }

  #preferred(): boolean {
    if (this.#inVain >= patience) return false;
    const known = this.#byRange.count >= fewest && this.#whole.count >= fewest;
    return !known || this.#byRange.mean <= this.#whole.mean * worthTime;
  }
}

/** Of the last dozens, the newest most. */
class RecentMean {
  count = 0;
  mean = 0;

  add(value: number): void {
    this.count += 1;
    this.mean += (value - this.mean) / Math.min(this.count, 2 * laterEvery);
  }
}
