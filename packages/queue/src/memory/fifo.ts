/** First in, first out, with a way back to the front; each in constant time however long it is. */
export class Fifo<T> {
  /** Given back: last in, first out, before all others. */
  readonly #front: T[] = [];
  #items: T[] = [];
  #head = 0;

  get size(): number {
    return this.#front.length + this.#items.length - this.#head;
  }

  /** What comes next. */
  get first(): T | undefined {
    return this.#front.at(-1) ?? this.#items[this.#head];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  pushFront(item: T): void {
    this.#front.push(item);
  }

  shift(): T | undefined {
    const given = this.#front.pop();
    if (given !== undefined) return given;
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head];
    this.#head += 1;
    // What was taken is let go of in large steps, so that each step costs as much as it frees.
    if (this.#head >= 1_024 && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}
