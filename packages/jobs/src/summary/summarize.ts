import { type Job, type JobSummary, jobLayout, RookeryError, type Sealed } from '@rookery/contracts';
import type { JobLedger } from '../job-ledger.ts';
import { mapInOrder } from '../parallel.ts';
import { SeriesListing } from '../progress/series-listing.ts';
import { range } from '../range.ts';
import { readLines } from '../results/result-text.ts';
import { modelOf } from '../results/task-lines.ts';

const readAhead = 8;
const largestResultBytes = 256 * 1024 * 1024;

/**
 * Reads every result of a sealed, complete job once and puts its summary if none is there. Whoever finds a job complete may call it;
 * the first summary counts. @throws {RookeryError} JOB_NOT_COMPLETE where a result is missing after all.
 */
export async function summarize(
  ledger: JobLedger,
  job: Job,
  sealed: Sealed,
  signal?: AbortSignal,
): Promise<JobSummary> {
  const layout = jobLayout(job.id);
  const made = await ledger.store.head(layout.job, signal);
  if (!made) throw new RookeryError('JOB_NOT_FOUND', { detail: job.id });
  const tally = new Tally();
  const results = mapInOrder(range(sealed.tasks), readAhead, async (seq) => {
    try {
      return await ledger.store.get(layout.result(seq), { maxBytes: largestResultBytes, signal });
    } catch (cause) {
      if (!(cause instanceof RookeryError) || cause.code !== 'OBJECT_NOT_FOUND') throw cause;
      throw new RookeryError('JOB_NOT_COMPLETE', { detail: `${job.id}: task ${seq} has no result`, cause });
    }
  });
  let read = 0;
  for await (const { body, lastModified } of results) {
    tally.add(body, lastModified);
    // Another worker may have been faster: look now and then instead of reading a million lines for nothing.
    if (++read % 256 === 0) {
      const there = await ledger.findSummary(job.id, signal);
      if (there) return there;
    }
  }
  return ledger.putSummary({
    job: job.id,
    model: modelOf(job),
    tasks: sealed.tasks,
    pictures: sealed.pictures,
    labelled: tally.labelled,
    failed: tally.failed,
    classes: mostFirst(tally.classes),
    errors: mostFirst(tally.errors),
    submittedAt: made.lastModified.toISOString(),
    firstResultAt: tally.firstAt?.toISOString() ?? null,
    lastResultAt: tally.lastAt?.toISOString() ?? null,
  });
}

/**
 * The summary of a job that is complete, put if nobody has; `undefined` of one that is not. For whoever looks at jobs: the worker that
 * should have put it may have died at that moment.
 */
export async function summaryIfComplete(
  ledger: JobLedger,
  job: Job,
  signal?: AbortSignal,
): Promise<JobSummary | undefined> {
  const there = await ledger.findSummary(job.id, signal);
  if (there) return there;
  const sealed = await ledger.findSealed(job.id, signal);
  if (!sealed) return undefined;
  const layout = jobLayout(job.id);
  const results = new SeriesListing(ledger.store, { folder: layout.results, keyOf: layout.result });
  await results.look(signal);
  return results.seen.count >= sealed.tasks ? summarize(ledger, job, sealed, signal) : undefined;
}

/** Counts over results. */
class Tally {
  labelled = 0;
  failed = 0;
  readonly classes = new Map<string, number>();
  readonly errors = new Map<string, number>();
  firstAt: Date | undefined;
  lastAt: Date | undefined;

  add(bytes: Uint8Array, at: Date): void {
    if (!this.firstAt || at < this.firstAt) this.firstAt = at;
    if (!this.lastAt || at > this.lastAt) this.lastAt = at;
    for (const { error, predictions } of readLines(bytes)) {
      if (error) {
        this.failed++;
        increment(this.errors, error.code);
      } else {
        this.labelled++;
        const [best] = predictions;
        if (best) increment(this.classes, best.label);
      }
    }
  }
}

const increment = (counts: Map<string, number>, name: string): void =>
  void counts.set(name, (counts.get(name) ?? 0) + 1);

/** Two workers that count the same write the same: ties by name. */
const mostFirst = (counts: ReadonlyMap<string, number>): Record<string, number> =>
  Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
