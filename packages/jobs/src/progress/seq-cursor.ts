/**
 * Which numbered names of a growing series are there: all below `next`, and single ones behind it. Memory is what lies behind the first
 * gap, not the series.
 */
export class SeqCursor {
  #next = 0;
  readonly #behind = new Set<number>();

  /** The lowest that has not been seen. */
  get next(): number {
    return this.#next;
  }

  get count(): number {
    return this.#next + this.#behind.size;
  }

  countBelow(end: number): number {
    if (end <= this.#next) return end;
    let count = this.#next;
    for (const seq of this.#behind) if (seq < end) count++;
    return count;
  }

  has(seq: number): boolean {
    return seq < this.#next || this.#behind.has(seq);
  }

  /** Whether it was new. */
  add(seq: number): boolean {
    if (this.has(seq)) return false;
    this.#behind.add(seq);
    while (this.#behind.delete(this.#next)) this.#next++;
    return true;
  }

  /** Those below `end` that have not been seen; at most `limit + 1`, so that a caller can tell that there are more. */
  missingBelow(end: number, limit: number): number[] {
    const missing: number[] = [];
    for (let seq = this.#next; seq < end && missing.length <= limit; seq++) if (!this.has(seq)) missing.push(seq);
    return missing;
  }
}
