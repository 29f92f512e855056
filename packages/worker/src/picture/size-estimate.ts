/** Bytes. What is reserved before anything is known of a bucket's pictures. */
const firstGuess = 1 << 20;
const smallest = 64 << 10;
const remembered = 256;

/**
 * Guesses how large the next object is at most, from the largest of the last 256: a listing's size does not reach the worker, and
 * asking for each would double the requests. A wrong guess costs one more request, never memory.
 */
export class SizeEstimate {
  readonly #sizes = new Float64Array(remembered);
  #seen = 0;
  #expected = firstGuess;

  get expectedBytes(): number {
    return this.#expected;
  }

  record(sizeBytes: number): void {
    this.#sizes[this.#seen++ % remembered] = sizeBytes;
    if (sizeBytes * 1.25 > this.#expected) this.#expected = Math.ceil(sizeBytes * 1.25);
    else if (this.#seen % 64 === 0) this.#expected = Math.max(smallest, Math.ceil(Math.max(...this.#sizes) * 1.25));
  }
}
