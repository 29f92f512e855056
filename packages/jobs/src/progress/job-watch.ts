import { type Job, jobLayout, RookeryError, type Sealed } from '@rookery/contracts';
import type { JobLedger } from '../job-ledger.ts';
import { forEachParallel } from '../parallel.ts';
import { countFailed } from '../results/result-text.ts';
import { type JobProgress, picturesOf } from './job-progress.ts';
import { SeriesListing } from './series-listing.ts';
import { Speedometer } from './speedometer.ts';

export interface JobWatchOptions {
  /** Reads each new result once to count its errors. */
  countFailed?: boolean;
  /** Told of tasks whose results are seen for the first time. */
  onResults?: (seqs: readonly number[]) => void;
  /** A local clock that does not jump. Milliseconds. */
  now?: () => number;
}

/** Follows one job from the store alone, with a cursor of its own: each look costs what is new. One look at a time. */
export class JobWatch {
  readonly #tasks: SeriesListing;
  readonly #results: SeriesListing;
  readonly #speed: Speedometer;
  #sealed: Sealed | undefined;
  #cancelled = false;
  #failed = 0;
  readonly #uncounted = new Set<number>();

  private constructor(
    private readonly ledger: JobLedger,
    readonly job: Job,
    private readonly submittedAt: Date,
    private readonly options: JobWatchOptions,
  ) {
    const layout = jobLayout(job.id);
    this.#tasks = new SeriesListing(ledger.store, { folder: layout.tasks, keyOf: layout.task });
    this.#results = new SeriesListing(ledger.store, { folder: layout.results, keyOf: layout.result });
    this.#speed = new Speedometer(submittedAt.getTime(), options.now);
  }

  /** @throws {RookeryError} JOB_NOT_FOUND */
  static async open(ledger: JobLedger, id: string, options: JobWatchOptions = {}): Promise<JobWatch> {
    const job = await ledger.read(id);
    const info = await ledger.store.head(jobLayout(id).job);
    if (!info) throw new RookeryError('JOB_NOT_FOUND', { detail: id });
    return new JobWatch(ledger, job, info.lastModified, options);
  }

  /** Whether this task's result has been seen. */
  isDone(seq: number): boolean {
    return this.#results.seen.has(seq);
  }

  /** How many of the tasks below this one have been seen done. */
  doneBelow(end: number): number {
    return this.#results.seen.countBelow(end);
  }

  get sealed(): Sealed | undefined {
    return this.#sealed;
  }

  async look(signal?: AbortSignal): Promise<JobProgress> {
    const { id } = this.job;
    this.#sealed ??= await this.ledger.findSealed(id, signal);
    if (!this.#sealed) await this.#tasks.look(signal);
    const fresh = this.#complete() ? [] : await this.#results.look(signal);
    for (const { seq, info } of fresh) {
      this.#speed.add(info.lastModified.getTime(), picturesOf(this.job, this.#sealed, seq));
      if (this.options.countFailed) this.#uncounted.add(seq);
    }
    if (fresh.length > 0) this.options.onResults?.(fresh.map(({ seq }) => seq));
    await this.#count(signal);
    if (!this.#complete())
      this.#cancelled = (await this.ledger.store.head(jobLayout(id).cancelled, signal)) !== undefined;
    return this.progress();
  }

  /** As of the last look. */
  progress(): JobProgress {
    const sealed = this.#sealed;
    const planned = sealed?.tasks ?? this.#tasks.seen.count;
    const done = this.#results.seen.count;
    const pictures = {
      done: this.#picturesDone(done, sealed),
      planned: sealed?.pictures ?? planned * this.job.taskSize,
    };
    const state = this.#complete() ? 'complete' : this.#cancelled ? 'cancelled' : sealed ? 'running' : 'planning';
    const picturesPerSecond = state === 'complete' ? this.#speed.overall() : this.#speed.current();
    const left = pictures.planned - pictures.done;
    return {
      job: this.job.id,
      state,
      tasks: { done, planned: Math.max(planned, done) },
      pictures: { done: pictures.done, planned: Math.max(pictures.planned, pictures.done) },
      failed: this.options.countFailed ? this.#failed : undefined,
      picturesPerSecond,
      leftMs:
        state === 'complete' ? 0 : sealed && picturesPerSecond > 0 ? (left / picturesPerSecond) * 1_000 : undefined,
      submittedAt: this.submittedAt,
      firstResultAt: dateOf(this.#speed.firstMs),
      lastResultAt: dateOf(this.#speed.lastMs),
    };
  }

  #complete(): boolean {
    return this.#sealed !== undefined && this.#results.seen.count >= this.#sealed.tasks;
  }

  #picturesDone(done: number, sealed: Sealed | undefined): number {
    if (!sealed || sealed.tasks === 0 || !this.isDone(sealed.tasks - 1)) return done * this.job.taskSize;
    return (done - 1) * this.job.taskSize + picturesOf(this.job, sealed, sealed.tasks - 1);
  }

  async #count(signal?: AbortSignal): Promise<void> {
    await forEachParallel([...this.#uncounted], 8, async (seq) => {
      const bytes = await this.ledger.findResult(this.job.id, seq, signal);
      if (bytes && this.#uncounted.delete(seq)) this.#failed += countFailed(bytes);
    });
  }
}

const dateOf = (ms: number | undefined): Date | undefined => (ms === undefined ? undefined : new Date(ms));
