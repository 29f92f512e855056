/**
 * How far the worker leases ahead, in pictures: leased and not yet answered. Just enough that the engine never waits; more would only
 * take work away from other workers.
 */
export class LeaseWindow {
  readonly #size: number;
  #pictures = 0;
  #waiting: (() => void)[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  get pictures(): number {
    return this.#pictures;
  }

  get room(): number {
    return Math.max(0, this.#size - this.#pictures);
  }

  lease(pictures: number): void {
    this.#pictures += pictures;
  }

  answer(pictures: number): void {
    this.#pictures -= pictures;
    if (this.room > 0) this.wake();
  }

  /** Resolves once there is room, or when `wake` is called. */
  async whenRoom(): Promise<void> {
    if (this.room > 0) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
