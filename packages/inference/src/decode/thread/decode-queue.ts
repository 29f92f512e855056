/** A decode that waits for its turn. */
export interface DecodeJob {
  readonly id: number;
  /** Memory that it is going to take. */
  readonly reserveBytes: number;
  /** What says best how long it takes, compared to others. */
  readonly cost: number;
  run(): Promise<void>;
}

/** How many decodes may overtake one that waits. */
const patience = 16;

/**
 * Runs decodes side by side within a budget of memory, the longest of those waiting first: a long one that begins last leaves all
 * cores but one idle. One that exceeds the whole budget runs alone.
 */
export class DecodeQueue {
  readonly #waiting: { readonly job: DecodeJob; readonly seq: number }[] = [];
  #running = 0;
  #reservedBytes = 0;
  #started = 0;
  #busy = false;

  /** @param tellBusy is told when all decoders get to work, and when one of them has nothing to do. */
  constructor(
    private readonly limits: { readonly decoders: number; readonly budgetBytes: number },
    private readonly tellBusy: (busy: boolean) => void = () => undefined,
  ) {}

  add(job: DecodeJob): void {
    this.#waiting.push({ job, seq: this.#started });
  }

  /** Whether it was still waiting; what has begun goes on. */
  remove(id: number): boolean {
    const index = this.#waiting.findIndex(({ job }) => job.id === id);
    if (index >= 0) this.#waiting.splice(index, 1);
    return index >= 0;
  }

  /** Begins as much as fits. */
  start(): void {
    this.#begin();
    const busy = this.#running === this.limits.decoders;
    if (busy !== this.#busy) this.tellBusy(busy);
    this.#busy = busy;
  }

  #begin(): void {
    while (this.#running < this.limits.decoders && this.#waiting.length > 0) {
      const index = this.#next();
      const next = this.#waiting[index];
      if (!next) return;
      const { reserveBytes } = next.job;
      // Nothing overtakes what waits for memory: it would wait for ever.
      if (this.#running > 0 && this.#reservedBytes + reserveBytes > this.limits.budgetBytes) return;
      this.#waiting.splice(index, 1);
      this.#running++;
      this.#started++;
      this.#reservedBytes += reserveBytes;
      void next.job.run().finally(() => {
        this.#running--;
        this.#reservedBytes -= reserveBytes;
        this.start();
      });
    }
  }

  #next(): number {
    const oldest = this.#waiting[0];
    if (oldest && this.#started - oldest.seq >= patience) return 0;
    let best = 0;
    this.#waiting.forEach(({ job }, index) => {
      if (job.cost > (this.#waiting[best]?.job.cost ?? 0)) best = index;
    });
    return best;
  }
}
