/** First in, first out between one who puts and one who takes; putting waits while it is full. */
export class BoundedQueue<T> {
  readonly #items: T[] = [];
  #ended = false;
  #error: unknown;
  #wakeTaker: (() => void) | undefined;
  #wakePutter: (() => void) | undefined;

  constructor(private readonly capacity: number) {}

  /** Resolves to false where nobody takes any more. */
  async put(item: T): Promise<boolean> {
    if (this.#ended) return false;
    this.#items.push(item);
    this.#wakeTaker?.();
    while (!this.#ended && this.#items.length >= this.capacity) {
      await new Promise<void>((wake) => {
        this.#wakePutter = wake;
      });
    }
    return !this.#ended;
  }

  /** Nothing more comes; what is in it is still taken, then `error` is thrown where there is one. */
  end(error?: unknown): void {
    this.#ended = true;
    this.#error ??= error;
    this.#wakeTaker?.();
    this.#wakePutter?.();
  }

  async *take(): AsyncGenerator<T> {
    try {
      for (;;) {
        const item = this.#items.shift();
        if (item !== undefined) {
          this.#wakePutter?.();
          yield item;
        } else if (this.#ended) {
          if (this.#error !== undefined) throw this.#error;
          return;
        } else {
          await new Promise<void>((wake) => {
            this.#wakeTaker = wake;
          });
        }
      }
    } finally {
      this.end();
    }
  }
}
