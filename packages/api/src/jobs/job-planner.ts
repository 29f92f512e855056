import { setMaxListeners } from 'node:events';
import { asRookeryError, errorMessage, type Job, pause, type RookeryError } from '@rookery/contracts';
import { jobsToFeed } from '@rookery/jobs';
import { finishPlanning, resumeJobs } from '@rookery/producer';
import type { Logger, Tracer } from '@rookery/telemetry';
import { Semaphore } from '../serving/semaphore.ts';
import type { JobsParts } from './jobs-parts.ts';

export interface JobPlannerOptions extends Pick<JobsParts, 'ledger' | 'buckets' | 'feeder' | 'queues' | 'resume'> {
  /** Jobs planned at the same time. */
  readonly plans: number;
  /** How often it is looked for jobs that nobody plans. @default 60,000 */
  readonly scanMs?: number | undefined;
  readonly tracer: Tracer;
  readonly log: Logger;
}

const firstScanMs = 10_000;
const cancelledMs = 5_000;
const longestWaitMs = 60_000;

/** Plans jobs behind the backs of those who asked for them, and goes on with those whose planner has died. */
export class JobPlanner implements AsyncDisposable {
  readonly #options: JobPlannerOptions;
  readonly #places: Semaphore;
  readonly #plans = new Map<string, { readonly stop: AbortController; readonly done: Promise<void> }>();
  readonly #stop = new AbortController();
  /** How far the plans of others were when they were last looked at. */
  #positions = new Map<string, number>();
  #scan: NodeJS.Timeout | undefined;
  #scanning: Promise<void> = Promise.resolve();

  constructor(options: JobPlannerOptions) {
    this.#options = options;
    // One for each job that waits for its turn.
    setMaxListeners(0, this.#stop.signal);
    this.#places = new Semaphore(options.plans);
  }

  /** Goes on with what earlier processes left. */
  start(): void {
    const { resume = 'plans', ledger, buckets, feeder, queues, log } = this.#options;
    const { signal } = this.#stop;
    if (resume === 'plans') this.#scanAgain(0);
    if (resume !== 'tasks') return;
    const open = (bucket: string) => buckets.open(bucket);
    this.#scanning = resumeJobs({ ledger, open, feeder, queue: queues.jobs, log, signal }).then(
      () => undefined,
      (thrown: unknown) => {
        if (!signal.aborted)
          log.error({ err: asRookeryError(thrown) }, 'what was left to do could not be gone on with');
      },
    );
  }

  /** Plans a job to its end, however long that takes. */
  plan(job: Job): void {
    if (this.#plans.has(job.id) || this.#stop.signal.aborted) return;
    const stop = new AbortController();
    const done = this.#plan(job, AbortSignal.any([stop.signal, this.#stop.signal])).finally(() => {
      this.#plans.delete(job.id);
    });
    this.#plans.set(job.id, { stop, done });
  }

  /** Stops planning a job that was cancelled or is about to be deleted. */
  async drop(job: string): Promise<void> {
    const plan = this.#plans.get(job);
    plan?.stop.abort();
    await plan?.done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#scan);
    this.#stop.abort();
    await Promise.all([this.#scanning, ...[...this.#plans.values()].map(({ done }) => done)]);
  }

  async #plan(job: Job, signal: AbortSignal): Promise<void> {
    const { log } = this.#options;
    for (let waitMs = 1_000; !signal.aborted; waitMs = Math.min(2 * waitMs, longestWaitMs)) {
      try {
        const planned = await this.#places.run(signal, () => this.#unlessCancelled(job, signal));
        if (planned) log.info({ job: job.id, ...planned }, 'job is planned');
        return;
      } catch (thrown) {
        if (signal.aborted) return;
        const error = asRookeryError(thrown);
        if (!error.retryable) return this.#giveUp(job, error);
        log.warn({ job: job.id, err: error, waitMs }, 'a job could not be planned; trying again');
        await pause(waitMs, signal);
      }
    }
  }

  async #unlessCancelled(job: Job, signal: AbortSignal) {
    const { ledger, buckets, feeder, tracer } = this.#options;
    const cancelled = new AbortController();
    const look = setInterval(() => {
      ledger.isCancelled(job.id).then(
        (is) => is && cancelled.abort(),
        () => undefined,
      );
    }, cancelledMs).unref();
    try {
      const open = (bucket: string) => buckets.open(bucket);
      const either = AbortSignal.any([signal, cancelled.signal]);
      return (await finishPlanning(job, { ledger, open, feeder, tracer, signal: either })).sealed;
    } catch (thrown) {
      if (cancelled.signal.aborted) return undefined;
      throw thrown;
    } finally {
      clearInterval(look);
    }
  }

  /** Its source cannot be listed, now or later: it ends, and says why. */
  async #giveUp(job: Job, error: RookeryError): Promise<void> {
    const { ledger, log } = this.#options;
    log.error({ job: job.id, err: error }, 'a job cannot be planned: it is cancelled');
    const message = error.detail ? `${errorMessage(error.code)}: ${error.detail}` : errorMessage(error.code);
    await ledger.cancel(job.id, { code: error.code, message }).catch((thrown: unknown) => {
      log.warn({ job: job.id, err: asRookeryError(thrown) }, 'a job could not be cancelled');
    });
  }

  #scanAgain(waitMs: number): void {
    const { scanMs = 60_000 } = this.#options;
    this.#scan = setTimeout(() => {
      const first = this.#positions.size === 0 && waitMs === 0;
      this.#scanning = this.#adopt().finally(() => {
        if (!this.#stop.signal.aborted) this.#scanAgain(first ? Math.min(firstScanMs, scanMs) : scanMs);
      });
    }, waitMs).unref();
  }

  /** A job whose plan has not moved since the last look is one that nobody plans. Two that plan one job harm nothing. */
  async #adopt(): Promise<void> {
    const { ledger, log } = this.#options;
    const { signal } = this.#stop;
    const positions = new Map<string, number>();
    try {
      for await (const id of jobsToFeed(ledger.store, signal)) {
        if (this.#plans.has(id) || (await ledger.findSealed(id, signal))) continue;
        const position = (await ledger.lastDecision(id, signal))?.firstSeq ?? -1;
        positions.set(id, position);
        if (this.#positions.get(id) !== position || (await ledger.isCancelled(id))) continue;
        const job = await ledger.find(id, signal);
        if (!job) continue;
        log.info({ job: id }, 'going on with the plan of a job');
        this.plan(job);
      }
    } catch (thrown) {
      if (!signal.aborted) log.warn({ err: asRookeryError(thrown) }, 'could not look for jobs that nobody plans');
    }
    this.#positions = positions;
  }
}
