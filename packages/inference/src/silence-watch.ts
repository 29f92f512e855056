export interface SilenceWatchOptions {
  readonly tickMs: number;
  /** How long silence is borne now; `undefined` while nobody has anything to say. */
  readonly patienceMs: () => number | undefined;
  readonly onSilent: (patienceMs: number) => void;
}

/**
 * Notices that threads with something to do give no sign. Counted in ticks, not in time: a process that was stopped and goes on has seen
 * one of them.
 */
export class SilenceWatch {
  readonly #timer: NodeJS.Timeout;
  /** Ticks without a sign. */
  #silent = 0;

  constructor({ tickMs, patienceMs, onSilent }: SilenceWatchOptions) {
    const tick = (): void => {
      const patience = patienceMs();
      this.#silent = patience === undefined ? 0 : this.#silent + 1;
      if (patience !== undefined && this.#silent * tickMs >= patience) onSilent(patience);
    };
    this.#timer = setInterval(tick, tickMs).unref();
  }

  sign(): void {
    this.#silent = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
