import { setTimeout as sleep } from 'node:timers/promises';
import {
  asRookeryError,
  type Digest,
  type Job,
  type JobRefusal,
  type JobSummary,
  type JobView,
  jobLayout,
  pinDigest,
  RookeryError,
} from '@rookery/contracts';
import { type CancelReason, type JobLedger, JobWatch, summaryIfComplete } from '@rookery/jobs';
import type { Logger } from '@rookery/telemetry';
import { ErrorTally } from './error-tally.ts';
import { viewOfProgress, viewOfSummary } from './job-view.ts';

/** How often a job is looked at for those who follow it. */
const lookMs = 1_000;
/** How often it is made sure that it was not deleted by somebody else. */
const existsMs = 5_000;
/** A worker puts the summary within two seconds; counting a large job ourselves takes longer than an answer may. */
const summaryWithinMs = 2_500;

/** What workers say of tasks with a pin; `null` where none of them refuses it. */
export type RefusalOf = (pin: Digest) => JobRefusal | null;

export interface FollowerParts {
  readonly ledger: JobLedger;
  readonly refusal: RefusalOf;
  readonly log: Logger;
}

export type Follow = (view: JobView | RookeryError) => void;

/** One job, looked at once for all who want to know: requests, streams of events, webhooks. */
export class JobFollower {
  readonly job: Job;
  readonly #ledger: JobLedger;
  readonly #refusal: () => JobRefusal | null;
  readonly #log: Logger;
  readonly #tally: ErrorTally;
  readonly #followers = new Set<Follow>();
  #watch: JobWatch | undefined;
  #summary: JobSummary | undefined;
  #summing: Promise<JobSummary | undefined> | undefined;
  #reason: CancelReason | undefined;
  #looking: Promise<JobView> | undefined;
  #seen: { readonly at: number; readonly view: JobView } | undefined;
  #existedAt = performance.now();
  /** Of the next look; unset while one is under way. */
  #timer: NodeJS.Timeout | undefined;
  #beating = false;

  constructor(job: Job, { ledger, refusal, log }: FollowerParts) {
    this.job = job;
    this.#ledger = ledger;
    this.#refusal = () => refusal(pinDigest(job.pin));
    this.#log = log;
    this.#tally = new ErrorTally({ ledger, job: job.id, log });
  }

  get isFollowed(): boolean {
    return this.#followers.size > 0;
  }

  /**
   * How far it is, as of at most so long ago. `count`: also errors by their code, as far as results have been read.
   * @throws {RookeryError} JOB_NOT_FOUND where it was deleted meanwhile, those of the store
   */
  look(maxAgeMs: number, { count = true }: { readonly count?: boolean } = {}): Promise<JobView> {
    const { view, at } = this.#seen ?? { view: undefined, at: 0 };
    const isCounted = !count || view?.failed !== null;
    if (view && isCounted && performance.now() - at <= maxAgeMs) return Promise.resolve(view);
    this.#looking ??= this.#look(count)
      .then((fresh) => {
        this.#seen = { at: performance.now(), view: fresh };
        return fresh;
      })
      .finally(() => {
        this.#looking = undefined;
      });
    return this.#looking;
  }

  /** Tells whenever it has come further, and once where it is gone. Calling what it returns ends it. */
  follow(tell: Follow): () => void {
    this.#followers.add(tell);
    if (!this.#beating) this.#beat();
    return () => this.#unfollow(tell);
  }

  #unfollow(tell: Follow): void {
    this.#followers.delete(tell);
    if (this.#followers.size > 0) return;
    clearTimeout(this.#timer);
    this.#beating = this.#timer === undefined && this.#beating;
    this.#timer = undefined;
  }

  #beat(): void {
    const again = (): void => {
      this.#beating = this.#followers.size > 0;
      this.#timer = this.#beating ? setTimeout(() => this.#beat(), lookMs) : undefined;
    };
    this.#beating = true;
    this.#timer = undefined;
    this.look(0).then(
      (view) => {
        for (const tell of [...this.#followers]) tell(view);
        again();
      },
      (thrown: unknown) => {
        const error = asRookeryError(thrown);
        if (error.code === 'JOB_NOT_FOUND') {
          for (const tell of [...this.#followers]) tell(error);
          this.#followers.clear();
          this.#beating = false;
          return;
        }
        this.#log.warn({ err: error, job: this.job.id }, 'a job could not be looked at; trying again');
        again();
      },
    );
  }

  async #look(count: boolean): Promise<JobView> {
    await this.#exists();
    this.#summary ??= await this.#ledger.findSummary(this.job.id);
    if (this.#summary) return viewOfSummary(this.job, this.#summary);
    this.#watch ??= await JobWatch.open(this.#ledger, this.job.id, { onResults: (seqs) => this.#tally.add(seqs) });
    const progress = await this.#watch.look();
    if (progress.state === 'complete') {
      this.#summary = await this.#sum();
      if (this.#summary) return viewOfSummary(this.job, this.#summary);
    }
    if (progress.state === 'cancelled' && !this.#reason)
      this.#reason = (await this.#ledger.findCancelled(this.job.id))?.reason;
    const counted = count ? this.#tally.counted() : undefined;
    const isOpen = progress.state === 'planning' || progress.state === 'running';
    return viewOfProgress(this.job, progress, {
      counted,
      reason: this.#reason,
      refusal: isOpen ? this.#refusal() : null,
    });
  }

  /** The worker that should have put the summary may have died at that moment. */
  async #sum(): Promise<JobSummary | undefined> {
    this.#summing ??= summaryIfComplete(this.#ledger, this.job).finally(() => {
      this.#summing = undefined;
    });
    this.#summing.catch(() => undefined);
    return Promise.race([this.#summing, sleep(summaryWithinMs, undefined, { ref: false })]);
  }

  async #exists(): Promise<void> {
    if (performance.now() - this.#existedAt < existsMs) return;
    if (!(await this.#ledger.store.head(jobLayout(this.job.id).job)))
      throw new RookeryError('JOB_NOT_FOUND', { detail: this.job.id });
    this.#existedAt = performance.now();
  }
}
