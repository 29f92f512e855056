/** Values kept of one window; of more, a fair sample. */
const kept = 1_024;

export interface LatencySummary {
  readonly count: number;
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  readonly p99: number | undefined;
}

/** Percentiles of what was observed since they were last taken. Observing costs nanoseconds, memory is bounded. */
export class LatencyWindow {
  readonly #values = new Float64Array(kept);
  #count = 0;

  observe(value: number): void {
    // Reservoir sampling (Vitter's algorithm R): each of the window's values is kept with the same probability.
    const at = this.#count < kept ? this.#count : Math.floor(Math.random() * (this.#count + 1));
    if (at < kept) this.#values[at] = value;
    this.#count++;
  }

  /** Begins the next window. */
  take(): LatencySummary {
    const count = this.#count;
    const sorted = this.#values.slice(0, Math.min(count, kept)).sort();
    this.#count = 0;
    const at = (share: number): number | undefined => sorted[Math.ceil(share * sorted.length) - 1];
    return { count, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
  }
}
