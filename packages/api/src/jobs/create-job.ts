import { randomBytes } from 'node:crypto';
import { type JobRequest, type RetryRequest, RookeryError } from '@rookery/contracts';
import type { JobLedger, MadeJob } from '@rookery/jobs';
import { createJob, createRetry, newJobId } from '@rookery/producer';
import { checkPostAddress } from '@rookery/storage';
import type { Uploads } from '../uploads/uploads.ts';
import { noWebhooks, type WebhookCourier } from '../webhooks/webhook-courier.ts';
import type { WebhooksOptions } from '../webhooks/webhooks-options.ts';
import type { Claim, IdempotencyKeys } from './idempotency-keys.ts';
import type { JobLimits } from './job-limits.ts';
import type { JobPlanner } from './job-planner.ts';
import type { JobsParts } from './jobs-parts.ts';
import { requestedSource } from './requested-source.ts';

export interface JobMakerParts extends Pick<JobsParts, 'buckets' | 'pinOf'> {
  readonly ledger: JobLedger;
  readonly keys: IdempotencyKeys;
  readonly planner: JobPlanner;
  readonly uploads: Uploads | undefined;
  readonly courier: WebhookCourier | undefined;
  readonly webhooks: WebhooksOptions | undefined;
  readonly limits: JobLimits;
  /** Labels a picture where a request does not say. */
  readonly top: number;
}

/** Several are made in a second: `newJobId` alone would meet itself. */
export const serviceJobId = (): string => `${newJobId()}${randomBytes(3).toString('hex')}`;

/** Makes jobs as requests ask for them. They are planned behind the caller's back. */
export class JobMaker {
  readonly #parts: JobMakerParts;

  constructor(parts: JobMakerParts) {
    this.#parts = parts;
  }

  /**
   * `caller`: whose idempotency key it is; two callers' keys have nothing to do with each other. `traceparent`: of the request.
   * @throws {RookeryError} IDEMPOTENCY_KEY_REUSED, JOB_CONFLICT, BUCKET_REFUSED, REQUEST_INVALID, URL_REFUSED, those of `pinOf`
   */
  async make(
    { idempotencyKey, ...request }: JobRequest,
    { caller, traceparent }: { readonly caller: string; readonly traceparent: string | undefined },
  ): Promise<MadeJob> {
    const { keys, ledger } = this.#parts;
    await this.#checkWebhook(request.webhook);
    const id = request.id ?? serviceJobId();
    const isOurs = request.id === undefined;
    if (idempotencyKey === undefined) return this.#make(request, { id, isOurs, traceparent });
    const claim = await keys.claim(caller, idempotencyKey, request, id);
    const there = claim.isNew ? undefined : await ledger.find(claim.job);
    if (there) return { job: there, isNew: false };
    return this.#claimed(request, claim, traceparent);
  }

  /** The same request may be under way beside this one, and may have found other things: the first to make the job counts. */
  async #claimed(request: JobRequest, claim: Claim, traceparent: string | undefined): Promise<MadeJob> {
    try {
      return await this.#make(request, { id: claim.job, isOurs: false, traceparent });
    } catch (thrown) {
      const conflict = thrown instanceof RookeryError && thrown.code === 'JOB_CONFLICT';
      const there = conflict && request.id === undefined ? await this.#parts.ledger.find(claim.job) : undefined;
      if (there) return { job: there, isNew: false };
      if (thrown instanceof RookeryError && !thrown.retryable) await claim.release();
      throw thrown;
    }
  }

  /** `isOurs`: the id was made up a moment ago, so that there is no such job. */
  async #make(
    request: JobRequest,
    asker: { readonly id: string; readonly isOurs: boolean; readonly traceparent: string | undefined },
  ): Promise<MadeJob> {
    const { id, isOurs, traceparent } = asker;
    const { ledger, buckets, planner, uploads, pinOf, limits, top } = this.#parts;
    const { source, taskSize } = await requestedSource(request.source, uploads);
    const pin = await pinOf(request.model, id);
    const { since, tag, note, webhook } = request;
    const asked = { id, source, pin, top: request.top ?? top, taskSize, since, tag, note, traceparent };
    const open = (bucket: string) => buckets.open(bucket);
    const mayBeNew = isOurs || (await ledger.find(id)) === undefined;
    const made = await this.#withWebhook(id, mayBeNew ? webhook : undefined, () =>
      createJob(asked, { ledger, open, lookMs: limits.lookMs }),
    );
    planner.plan(made.job);
    return made;
  }

  /** A new job that does again what failed in `parent`. @throws {RookeryError} JOB_NOT_FOUND, JOB_CONFLICT, REQUEST_INVALID, URL_REFUSED */
  async retry(
    parent: string,
    { id = serviceJobId(), webhook }: RetryRequest,
    traceparent: string | undefined,
  ): Promise<MadeJob> {
    const { ledger, buckets, planner } = this.#parts;
    await this.#checkWebhook(webhook);
    const mayBeNew = (await ledger.find(id)) === undefined;
    const made = await this.#withWebhook(id, mayBeNew ? webhook : undefined, () =>
      createRetry(parent, { ledger, open: (bucket) => buckets.open(bucket), id, traceparent }),
    );
    planner.plan(made.job);
    return made;
  }

  /** The webhook stands before its job is made, and goes with it where none is made. */
  async #withWebhook(id: string, webhook: string | undefined, make: () => Promise<MadeJob>): Promise<MadeJob> {
    const { courier, ledger } = this.#parts;
    if (webhook === undefined) return make();
    await courier?.add(id, webhook);
    try {
      return await make();
    } catch (thrown) {
      if (!(await ledger.find(id))) await courier?.remove(id);
      throw thrown;
    }
  }

  async #checkWebhook(url: string | undefined): Promise<void> {
    const { courier, webhooks } = this.#parts;
    if (url === undefined) return;
    if (!courier || !webhooks) throw noWebhooks();
    await checkPostAddress(url, webhooks);
  }
}
