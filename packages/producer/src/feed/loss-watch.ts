import type { FedJob } from './fed-job.ts';

/** While all seems well the results are looked at this often. Milliseconds. */
const lookMs = 5_000;
/** A lack that lasts for so long is a loss: servers count approximately, and what is being settled is nowhere for a moment. */
const lostAfterMs = 5_000;

/**
 * Notices that a queue has lost tasks: it holds fewer than were enqueued and have no result. Redis that came back empty and a queue that
 * was deleted say nothing of it themselves. What others enqueue can hide a loss for as long as it waits there, and a loss that is none
 * costs repeated messages.
 */
export class LossWatch {
  readonly #now: () => number;
  #lookedAt: number;
  #lackSince: number | undefined;
  #suspicious = false;

  /** `now` must not jump. Milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
    this.#lookedAt = now();
  }

  /** The queue did not answer: look at once when it does. */
  suspect(): void {
    this.#suspicious = true;
  }

  /** Nothing seems to be lost, as far as is known. */
  get isCalm(): boolean {
    return !this.#suspicious && this.#lackSince === undefined;
  }

  get isDue(): boolean {
    return !this.isCalm || this.#now() - this.#lookedAt >= lookMs;
  }

  /** Tasks are lost, not only late. */
  get isCertain(): boolean {
    return this.#lackSince !== undefined && this.#now() - this.#lackSince >= lostAfterMs;
  }

  /** `held`: tasks that the queue had just now, waiting or leased. `fed`: the jobs whose tasks it should hold. */
  async look(held: number, fed: Iterable<FedJob>, signal: AbortSignal): Promise<void> {
    // After the queue was asked: a task that is done meanwhile is in neither count.
    let undone = 0;
    for (const job of fed) undone += await job.undone(signal);
    this.#lookedAt = this.#now();
    this.#suspicious = false;
    if (undone <= held) this.#lackSince = undefined;
    else this.#lackSince ??= this.#now();
  }

  /** They were enqueued again: what is lacking from now on is another loss. */
  replaced(): void {
    this.#lackSince = this.#now();
  }
}
