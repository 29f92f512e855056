import type { Job, ResultLine } from '@rookery/contracts';
import { type JobLedger, readLines } from '@rookery/jobs';
import { Recent } from './recent.ts';
import { type ResultLayout, readLayout } from './result-layout.ts';

/** Results kept decoded: pages and their pictures come from the same few. Each has at most 256 lines. */
const keptResults = 64;
const keptLayouts = 16;

/** Reads results, each of which is never rewritten, and remembers the last ones. */
export class JobResults {
  readonly #ledger: JobLedger;
  readonly #lines = new Recent<Promise<ResultLine[] | undefined>>(keptResults);
  readonly #layouts = new Recent<Promise<ResultLayout>>(keptLayouts);

  constructor(ledger: JobLedger) {
    this.#ledger = ledger;
  }

  /** The lines of a task; `undefined` where it has no result yet. */
  lines(job: Job, seq: number): Promise<ResultLine[] | undefined> {
    const key = `${job.id} ${job.createdAt} ${seq}`;
    return this.#remembered(this.#lines, key, async () => {
      const bytes = await this.#ledger.findResult(job.id, seq);
      if (bytes) return readLines(bytes);
      this.#lines.delete(key);
      return undefined;
    });
  }

  /** Of a complete job with so many tasks. */
  layout(job: Job, tasks: number): Promise<ResultLayout> {
    return this.#remembered(this.#layouts, `${job.id} ${job.createdAt}`, () =>
      readLayout(this.#ledger.store, job, tasks),
    );
  }

  #remembered<T>(recent: Recent<Promise<T>>, key: string, read: () => Promise<T>): Promise<T> {
    const known = recent.get(key);
    if (known) return known;
    const reading = read();
    recent.set(key, reading);
    reading.catch(() => recent.delete(key));
    return reading;
  }
}
