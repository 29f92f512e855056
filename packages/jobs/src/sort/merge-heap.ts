/** What is merged: the next value of a stream, and which stream it is. */
export interface MergeHead<T> {
  readonly value: T;
  readonly stream: AsyncGenerator<T>;
  readonly order: number;
}

/** A binary heap (Knuth volume 3, 5.2.3) of streams by their next value. */
export class MergeHeap<T> {
  readonly #heads: MergeHead<T>[] = [];

  constructor(private readonly compare: (a: MergeHead<T>, b: MergeHead<T>) => number) {}

  get least(): MergeHead<T> | undefined {
    return this.#heads[0];
  }

  push(head: MergeHead<T>): void {
    let at = this.#heads.push(head) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#heads[parent];
      if (!above || this.compare(above, head) <= 0) break;
      this.#heads[at] = above;
      at = parent;
    }
    this.#heads[at] = head;
  }

  removeLeast(): void {
    const last = this.#heads.pop();
    if (last && this.#heads.length > 0) this.replaceLeast(last);
  }

  replaceLeast(head: MergeHead<T>): void {
    let at = 0;
    for (;;) {
      const [left, right] = [this.#heads[2 * at + 1], this.#heads[2 * at + 2]];
      const isLeft = left !== undefined && (right === undefined || this.compare(left, right) <= 0);
      const child = isLeft ? left : right;
      if (!child || this.compare(head, child) <= 0) break;
      this.#heads[at] = child;
      at = 2 * at + (isLeft ? 1 : 2);
    }
    this.#heads[at] = head;
  }
}
