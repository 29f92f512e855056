import { asRookeryError } from '@rookery/contracts';
import { countErrors, type JobLedger } from '@rookery/jobs';
import type { Logger } from '@rookery/telemetry';
import type { CountedErrors } from './job-view.ts';

/** Results read at the same time. */
const parallel = 4;

/** Counts errors by their code from the results of one job, each read once, behind the backs of those who ask. */
export class ErrorTally {
  readonly #options: { readonly ledger: JobLedger; readonly job: string; readonly log: Logger };
  readonly #uncounted: number[] = [];
  readonly #errors = new Map<string, number>();
  #failed = 0;
  #running = 0;
  #wanted = false;
  #caughtUp = false;

  constructor(options: { readonly ledger: JobLedger; readonly job: string; readonly log: Logger }) {
    this.#options = options;
  }

  /** Results that have been seen. Nothing is read before somebody asks for counts. */
  add(seqs: readonly number[]): void {
    for (const seq of seqs) this.#uncounted.push(seq);
    this.#go();
  }

  /** `undefined` until everything that was there has been read; then it follows within a moment. */
  counted(): CountedErrors | undefined {
    this.#wanted = true;
    this.#go();
    if (this.#uncounted.length === 0 && this.#running === 0) this.#caughtUp = true;
    return this.#caughtUp ? { failed: this.#failed, errors: Object.fromEntries(this.#errors) } : undefined;
  }

  #go(): void {
    while (this.#wanted && this.#running < parallel && this.#uncounted.length > 0) {
      this.#running++;
      void this.#count(this.#uncounted.pop() ?? 0);
    }
  }

  async #count(seq: number): Promise<void> {
    const { ledger, job, log } = this.#options;
    try {
      const bytes = await ledger.findResult(job, seq);
      for (const [code, count] of bytes ? countErrors(bytes) : []) {
        this.#failed += count;
        this.#errors.set(code, (this.#errors.get(code) ?? 0) + count);
      }
    } catch (thrown) {
      // Read again when somebody asks again.
      this.#uncounted.push(seq);
      this.#wanted = false;
      log.debug({ job, seq, err: asRookeryError(thrown) }, 'a result could not be counted');
    } finally {
      this.#running--;
      if (this.#uncounted.length === 0 && this.#running === 0) this.#caughtUp = true;
      this.#go();
    }
  }
}
