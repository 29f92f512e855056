const windowMs = 60_000;

/**
 * Pictures a second over the last minute from the times at which results appeared. Those are the store's clock; how far it has run on
 * since the newest result is told by the local clock, so that the two are never compared.
 */
export class Speedometer {
  /** By the second of their time: pictures. Bounded by the window. */
  readonly #seconds = new Map<number, number>();
  #firstMs = Number.POSITIVE_INFINITY;
  #lastMs = Number.NEGATIVE_INFINITY;
  #lastSeenAt = 0;
  #total = 0;

  /** `startMs`: of the job, by the store's clock. `now` is local. */
  constructor(
    private readonly startMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get firstMs(): number | undefined {
    return Number.isFinite(this.#firstMs) ? this.#firstMs : undefined;
  }

  get lastMs(): number | undefined {
    return Number.isFinite(this.#lastMs) ? this.#lastMs : undefined;
  }

  add(atMs: number, pictures: number): void {
    this.#total += pictures;
    this.#firstMs = Math.min(this.#firstMs, atMs);
    if (atMs > this.#lastMs) {
      this.#lastMs = atMs;
      this.#lastSeenAt = this.now();
    }
    const second = Math.floor(atMs / 1_000);
    this.#seconds.set(second, (this.#seconds.get(second) ?? 0) + pictures);
    if (this.#seconds.size > 4 * (windowMs / 1_000)) this.#forget();
  }

  /** Of the last minute. */
  current(): number {
    if (this.lastMs === undefined) return 0;
    const endMs = this.#lastMs + (this.now() - this.#lastSeenAt);
    const fromMs = Math.max(endMs - windowMs, Math.min(this.startMs, this.#firstMs));
    let pictures = 0;
    for (const [second, count] of this.#seconds) if (second * 1_000 + 999 >= fromMs) pictures += count;
    return (pictures * 1_000) / Math.max(1_000, endMs - fromMs);
  }

  /** Of all, from the start to the last result. */
  overall(): number {
    return this.lastMs === undefined ? 0 : (this.#total * 1_000) / Math.max(1_000, this.#lastMs - this.startMs);
  }

  #forget(): void {
    const oldest = Math.floor((this.#lastMs - windowMs) / 1_000);
    for (const second of this.#seconds.keys()) if (second < oldest) this.#seconds.delete(second);
  }
}
