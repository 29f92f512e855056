import { jobLayout } from '@rookery/contracts';
import type { ObjectStore } from '@rookery/storage';

/** How long an answer is good for. Milliseconds. */
const freshMs = 5_000;
/** Jobs remembered; more than a worker meets in that time. */
const maxRemembered = 1_000;

interface Answer {
  readonly askedAt: number;
  readonly stopped: Promise<boolean>;
}

/** Whether jobs were cancelled or deleted, asked of the store at most every 5 s per job, however many ask. */
export class CancelWatch {
  readonly #answers = new Map<string, Answer>();

  constructor(
    private readonly store: ObjectStore,
    private readonly now: () => number = () => performance.now(),
  ) {}

  isStopped(job: string): Promise<boolean> {
    const known = this.#answers.get(job);
    if (known && this.now() - known.askedAt < freshMs) return known.stopped;
    const answer = { askedAt: this.now(), stopped: this.#ask(job) };
    this.#answers.delete(job);
    this.#answers.set(job, answer);
    answer.stopped.catch(() => {
      // A store that did not answer is asked again by the next.
      if (this.#answers.get(job) === answer) this.#answers.delete(job);
    });
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= maxRemembered) break;
      this.#answers.delete(oldest);
    }
    return answer.stopped;
  }

  forget(job: string): void {
    this.#answers.delete(job);
  }

  async #ask(job: string): Promise<boolean> {
    const layout = jobLayout(job);
    // In this order: whoever deletes a job deletes its mark last.
    return !!(await this.store.head(layout.cancelled)) || !(await this.store.head(layout.job));
  }
}
