import { asRookeryError, type JobView, type RetryRequest, RookeryError } from '@rookery/contracts';
import type { JobLedger, MadeJob } from '@rookery/jobs';
import { reconcileJob } from '@rookery/producer';
import type { Logger, Tracer } from '@rookery/telemetry';
import type { ApiMetrics } from '../api-metrics.ts';
import { Seats } from '../http/seats.ts';
import { Uploads } from '../uploads/uploads.ts';
import { WebhookCourier } from '../webhooks/webhook-courier.ts';
import { WebhookRecords } from '../webhooks/webhook-records.ts';
import { JobMaker } from './create-job.ts';
import { PictureFinder } from './find-picture.ts';
import { IdempotencyKeys } from './idempotency-keys.ts';
import type { RefusalOf } from './job-follower.ts';
import { JobFollowers } from './job-followers.ts';
import { defaultJobLimits, type JobLimits } from './job-limits.ts';
import { JobPlanner } from './job-planner.ts';
import { JobResults } from './job-results.ts';
import type { JobsParts } from './jobs-parts.ts';
import { Thumbnails } from './thumbnails.ts';

export interface JobsServiceOptions extends JobsParts {
  readonly top: number;
  readonly counts: ApiMetrics;
  readonly refusal: RefusalOf;
  readonly tracer: Tracer;
  readonly log: Logger;
}

const sweepMs = 86_400_000;

/** Everything about jobs that the routes stand on. */
export class JobsService implements AsyncDisposable {
  readonly parts: JobsParts;
  readonly ledger: JobLedger;
  readonly limits: JobLimits;
  readonly maker: JobMaker;
  readonly followers: JobFollowers;
  readonly results: JobResults;
  readonly finder: PictureFinder;
  readonly thumbnails: Thumbnails;
  readonly uploads: Uploads | undefined;
  readonly streams: Seats;
  readonly downloads: Seats;
  readonly #planner: JobPlanner;
  readonly #courier: WebhookCourier | undefined;
  readonly #keys: IdempotencyKeys;
  readonly #log: Logger;
  readonly #stop = new AbortController();
  #sweeping: NodeJS.Timeout | undefined;

  /** @throws {RookeryError} CONFIG_INVALID, BUCKET_REFUSED where the bucket of uploads is none that jobs may read */
  constructor(options: JobsServiceOptions) {
    const { ledger, buckets, counts, log, webhooks, top } = options;
    const limits = { ...defaultJobLimits, ...options.limits };
    this.parts = options;
    this.ledger = ledger;
    this.limits = limits;
    this.#log = log;
    this.followers = new JobFollowers({ ledger, refusal: options.refusal, log });
    this.results = new JobResults(ledger);
    this.finder = new PictureFinder(ledger, this.results);
    this.thumbnails = new Thumbnails(buckets, limits);
    this.uploads = options.uploads && new Uploads(options.uploads, buckets, limits);
    this.streams = new Seats({ what: 'streams of events', all: limits.streams, perCaller: limits.perCaller });
    this.downloads = new Seats({ what: 'downloads', all: limits.downloads, perCaller: limits.perCaller });
    this.#keys = new IdempotencyKeys(options.store);
    this.#planner = new JobPlanner({ ...options, plans: limits.plans });
    this.#courier =
      webhooks &&
      new WebhookCourier({
        ...webhooks,
        records: new WebhookRecords(options.store),
        view: (job) => this.followers.view(job, webhooks.pollMs ?? 2_000),
        cancelledAt: async (job) => (await ledger.findCancelled(job))?.at,
        counts,
        log,
      });
    this.maker = new JobMaker({
      ...options,
      keys: this.#keys,
      planner: this.#planner,
      courier: this.#courier,
      uploads: this.uploads,
      webhooks,
      limits,
      top,
    });
  }

  start(): void {
    this.#planner.start();
    this.#courier?.start();
    this.#sweep();
    this.#sweeping = setInterval(() => this.#sweep(), sweepMs).unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#sweeping);
    this.#stop.abort();
    await Promise.all([this.#planner[Symbol.asyncDispose](), this.#courier?.[Symbol.asyncDispose]()]);
  }

  /** @throws {RookeryError} JOB_NOT_FOUND, JOB_COMPLETE */
  async cancel(id: string): Promise<JobView> {
    const { state } = await this.followers.view(id, 0);
    if (state === 'complete') throw new RookeryError('JOB_COMPLETE', { detail: id });
    await this.ledger.cancel(id);
    await this.#planner.drop(id);
    return this.followers.view(id, 0);
  }

  /**
   * A new job that does again what failed in this one, or was never done.
   * @throws {RookeryError} JOB_NOT_FOUND, JOB_CONFLICT, REQUEST_INVALID, URL_REFUSED
   */
  retry(parent: string, request: RetryRequest, traceparent: string | undefined): Promise<MadeJob> {
    return this.maker.retry(parent, request, traceparent);
  }

  /** Enqueues again what was enqueued and has no result, and plans on. @throws {RookeryError} JOB_NOT_FOUND, JOB_CANCELLED */
  async reconcile(id: string): Promise<{ readonly tasks: number }> {
    const { ledger } = this;
    const tasks = await reconcileJob(id, { ledger, queue: this.parts.queues.jobs });
    if (!(await ledger.findSealed(id))) this.#planner.plan(await ledger.read(id));
    return { tasks };
  }

  /** Deletes a job with all its results. @throws {RookeryError} JOB_NOT_FOUND, JOB_NOT_COMPLETE where it runs and that is not forced */
  async delete(id: string, { force }: { readonly force: boolean }): Promise<void> {
    // One that was half deleted before has no view any more.
    const job = await this.ledger.find(id);
    const state = job && (await this.followers.view(id, 0)).state;
    if (!force && (state === 'planning' || state === 'running'))
      throw new RookeryError('JOB_NOT_COMPLETE', { detail: `${id}: ?force=true deletes it all the same` });
    await this.#planner.drop(id);
    await this.ledger.delete(id);
    this.followers.forget(id);
    await this.#courier?.remove(id);
  }

  #sweep(): void {
    this.#keys.sweep(this.#stop.signal).catch((thrown: unknown) => {
      if (!this.#stop.signal.aborted)
        this.#log.warn({ err: asRookeryError(thrown) }, 'old idempotency keys could not be deleted');
    });
  }
}
