interface Due<T> {
  readonly dueMs: number;
  /** Keeps those due at the same time in the order in which they came. */
  readonly order: number;
  readonly value: T;
}

const before = <T>(a: Due<T>, b: Due<T>): boolean => a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);

/** A binary heap: what is due first comes out first, in O(log n). */
export class DueHeap<T> {
  readonly #heap: Due<T>[] = [];
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  get nextMs(): number | undefined {
    return this.#heap[0]?.dueMs;
  }

  push(value: T, dueMs: number): void {
    const added = { dueMs, order: this.#order++, value };
    let at = this.#heap.length;
    this.#heap.push(added);
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = this.#heap[parentAt];
      if (parent === undefined || !before(added, parent)) break;
      this.#heap[at] = parent;
      at = parentAt;
    }
    this.#heap[at] = added;
  }

  /** The first one, where it is due by `nowMs`. */
  take(nowMs: number): T | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.dueMs > nowMs) return undefined;
    const last = this.#heap.pop();
    if (last !== undefined && last !== first) this.#sink(last);
    return first.value;
  }

  #sink(sinking: Due<T>): void {
    let at = 0;
    for (;;) {
      const left = this.#heap[2 * at + 1];
      const right = this.#heap[2 * at + 2];
      if (left === undefined) break;
      const smaller = right !== undefined && before(right, left) ? right : left;
      if (!before(smaller, sinking)) break;
      this.#heap[at] = smaller;
      at = smaller === left ? 2 * at + 1 : 2 * at + 2;
    }
    this.#heap[at] = sinking;
  }
}
