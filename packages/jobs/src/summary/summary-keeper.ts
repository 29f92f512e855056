import { asRookeryError, type JobSummary, jobLayout, type RookeryError, type Sealed } from '@rookery/contracts';
import type { JobLedger } from '../job-ledger.ts';
import { SeriesListing } from '../progress/series-listing.ts';
import { summarize } from './summarize.ts';

/** A job is looked at no more often than this, and not before its results have paused for as long. Milliseconds. */
const shortestGapMs = 2_000;
const longestGapMs = 300_000;
const tickMs = 500;

export interface SummaryKeeperOptions {
  readonly ledger: JobLedger;
  /** A summary was put, or found, for a job of this worker. */
  onSummary?: (summary: JobSummary) => void;
  /** A look failed; it is tried again. */
  onError?: (error: RookeryError, job: string) => void;
  /** A clock that does not jump. Milliseconds. */
  now?: () => number;
}

interface Followed {
  readonly id: string;
  readonly results: SeriesListing;
  sealed: Sealed | undefined;
  /** Written since the last look began. */
  dirty: boolean;
  wroteAt: number;
  lookedAt: number;
  /** A pause that is longer than this means: perhaps that was the last. Doubles each time it was not. */
  pauseMs: number;
}

/**
 * Puts the summaries of the jobs that this worker writes results for: no leader, no lock. Of all workers, the one whose last look begins
 * after the last result was put sees everything. So each looks once after its last result of a job; that it was the last shows in a
 * pause. A worker that writes steadily never looks in between, one that writes now and then looks a few times, as the pause that it
 * waits for grows: a handful of looks for a job of any size, each of which lists on from the last one's cursor. Where the results
 * were complete before `sealed.json`, the producer finds that when it looks once after sealing.
 */
export class SummaryKeeper implements AsyncDisposable {
  readonly #jobs = new Map<string, Followed>();
  readonly #abort = new AbortController();
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(private readonly options: SummaryKeeperOptions) {
    this.#now = options.now ?? (() => performance.now());
  }

  /** A result of this job is there: this worker wrote it, or found it. */
  wrote(job: string, seq: number): void {
    const followed = this.#jobs.get(job) ?? this.#follow(job);
    followed.results.note(seq);
    followed.wroteAt = this.#now();
    followed.dirty = true;
    this.#schedule();
  }

  /** Looks at the jobs that are due. The keeper calls it by its own timer. Never throws. */
  async tick(): Promise<void> {
    for (const followed of [...this.#jobs.values()]) if (this.#isDue(followed)) await this.#look(followed);
  }

  /** Looks at once at every job that was written to since its last look: for a worker that ends. Never throws. */
  async flush(): Promise<void> {
    await this.#looking;
    for (const followed of [...this.#jobs.values()]) if (followed.dirty) await this.#look(followed);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    clearTimeout(this.#timer);
    await this.#looking;
    this.#jobs.clear();
  }

  #follow(id: string): Followed {
    const layout = jobLayout(id);
    const followed: Followed = {
      id,
      results: new SeriesListing(this.options.ledger.store, { folder: layout.results, keyOf: layout.result }),
      sealed: undefined,
      dirty: true,
      wroteAt: this.#now(),
      lookedAt: Number.NEGATIVE_INFINITY,
      pauseMs: shortestGapMs,
    };
    this.#jobs.set(id, followed);
    return followed;
  }

  #isDue({ dirty, lookedAt, wroteAt, pauseMs }: Followed): boolean {
    return dirty && this.#now() >= Math.max(lookedAt + shortestGapMs, wroteAt + pauseMs);
  }

  #schedule(): void {
    if (this.#timer || this.#abort.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#looking = this.tick().finally(() => {
        this.#timer = undefined;
        if ([...this.#jobs.values()].some(({ dirty }) => dirty)) this.#schedule();
      });
    }, tickMs).unref();
  }

  async #look(followed: Followed): Promise<void> {
    const { ledger, onSummary, onError } = this.options;
    followed.dirty = false;
    followed.lookedAt = this.#now();
    try {
      const summary = await this.#summaryOf(followed);
      if (summary) {
        this.#jobs.delete(followed.id);
        onSummary?.(summary);
      } else {
        followed.pauseMs = Math.min(longestGapMs, followed.pauseMs * 2);
        if (await ledger.isCancelled(followed.id)) this.#jobs.delete(followed.id);
      }
    } catch (cause) {
      if (this.#abort.signal.aborted) return;
      followed.dirty = true;
      onError?.(asRookeryError(cause), followed.id);
    }
  }

  async #summaryOf(followed: Followed): Promise<JobSummary | undefined> {
    const { ledger } = this.options;
    const { signal } = this.#abort;
    followed.sealed ??= await ledger.findSealed(followed.id, signal);
    if (!followed.sealed) return undefined;
    await followed.results.look(signal);
    if (followed.results.seen.count < followed.sealed.tasks) return undefined;
    const there = await ledger.findSummary(followed.id, signal);
    return there ?? summarize(ledger, await ledger.read(followed.id, signal), followed.sealed, signal);
  }
}
