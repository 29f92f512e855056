/** A bounded number of things at a time; of those waiting, the one with the greatest weight goes first. */
export class Slots {
  #free: number;
  readonly #waiting: { readonly weight: number; readonly grant: () => void }[] = [];

  /** @param count how many at a time. 0 holds everyone back until `open`. */
  constructor(count: number) {
    this.#free = count;
  }

  /** Adds slots. */
  open(count: number): void {
    this.#free += count;
    this.#grant();
  }

  /** Runs `work` in a slot. */
  async run<T>(weight: number, work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((grant) => this.#insert(weight, grant));
    try {
      return await work();
    } finally {
      this.#free += 1;
      this.#grant();
    }
  }

  /** Keeps the heaviest last; equal ones in the order of asking. */
  #insert(weight: number, grant: () => void): void {
    const at = this.#waiting.findIndex((other) => other.weight >= weight);
    this.#waiting.splice(at === -1 ? this.#waiting.length : at, 0, { weight, grant });
  }

  #grant(): void {
    while (this.#free > 0 && this.#waiting.length > 0) {
      this.#free -= 1;
      this.#waiting.pop()?.grant();
    }
  }
}
