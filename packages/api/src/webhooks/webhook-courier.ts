import { setMaxListeners } from 'node:events';
import { asRookeryError, type JobView, RookeryError } from '@rookery/contracts';
import { guardedPost } from '@rookery/storage';
import type { Logger } from '@rookery/telemetry';
import type { ApiMetrics } from '../api-metrics.ts';
import { Semaphore } from '../serving/semaphore.ts';
import { webhookMessage } from './webhook-message.ts';
import type { PendingHook, WebhookRecords } from './webhook-records.ts';
import { type WebhookMessage, WebhookSigner } from './webhook-signer.ts';
import { defaultWaitsMs, type WebhooksOptions } from './webhooks-options.ts';

export interface WebhookCourierOptions extends WebhooksOptions {
  readonly records: WebhookRecords;
  /** How far a job is. @throws {RookeryError} JOB_NOT_FOUND */
  readonly view: (job: string) => Promise<JobView>;
  /** When it was cancelled. */
  readonly cancelledAt: (job: string) => Promise<Date | undefined>;
  readonly counts: Pick<ApiMetrics, 'webhook'>;
  readonly log: Logger;
}

/** Posts under way. */
const parallel = 8;
/** Looks at jobs a second, however many wait: each costs the store up to three requests. */
const looksPerSecond = 10;
const scanMs = 60_000;
/** A webhook whose job was never made. */
const orphanMs = 600_000;

/**
 * Tells receivers that jobs have ended: signed, tried again for days, whatever processes die meanwhile, at least once with the same id.
 * Nothing waits for it, and a receiver that is slow or down delays only its own messages.
 */
export class WebhookCourier implements AsyncDisposable {
  readonly #options: WebhookCourierOptions;
  readonly #signer: WebhookSigner;
  readonly #waitsMs: readonly number[];
  readonly #places = new Semaphore(parallel);
  readonly #stop = new AbortController();
  readonly #busy = new Map<string, Promise<void>>();
  #hooks = new Map<string, PendingHook>();
  readonly #notBefore = new Map<string, number>();
  #scannedAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();

  /** @throws {RookeryError} CONFIG_INVALID for a secret that is none */
  constructor(options: WebhookCourierOptions) {
    this.#options = options;
    // One for each message that waits for its turn.
    setMaxListeners(0, this.#stop.signal);
    this.#signer = new WebhookSigner(options.secrets);
    this.#waitsMs = options.waitsMs ?? defaultWaitsMs;
  }

  start(): void {
    this.#again(0);
  }

  /** A job is about to be made that wants to be told of. */
  async add(job: string, url: string): Promise<void> {
    this.#hooks.set(job, await this.#options.records.add(job, url));
  }

  /** Nothing is told of this job any more. */
  async remove(job: string): Promise<void> {
    this.#hooks.delete(job);
    this.#notBefore.delete(job);
    await this.#options.records.remove(job);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    this.#stop.abort();
    await Promise.allSettled([this.#round, ...this.#busy.values()]);
  }

  #again(waitMs: number): void {
    this.#timer = setTimeout(() => {
      this.#round = this.#once().catch((thrown: unknown) => {
        if (!this.#stop.signal.aborted)
          this.#options.log.warn({ err: asRookeryError(thrown) }, 'webhooks could not be looked at; trying again');
      });
      void this.#round.finally(() => {
        const { pollMs = 5_000 } = this.#options;
        if (!this.#stop.signal.aborted) this.#again(Math.max(pollMs, (this.#hooks.size / looksPerSecond) * 1_000));
      });
    }, waitMs).unref();
  }

  async #once(): Promise<void> {
    const { records, pollMs = 5_000 } = this.#options;
    const now = performance.now();
    if (now - this.#scannedAt >= Math.max(scanMs, pollMs)) {
      const before = this.#hooks;
      const found = await records.all(before, this.#stop.signal);
      // What came meanwhile is not in the listing.
      for (const [job, hook] of this.#hooks)
        if (!before.has(job) || hook.madeAt > Date.now() - scanMs) found.set(job, hook);
      this.#hooks = found;
      this.#scannedAt = now;
    }
    for (const hook of this.#hooks.values()) {
      if (this.#stop.signal.aborted) return;
      if (this.#busy.has(hook.job) || Date.now() < this.#dueAt(hook)) continue;
      const message = await this.#messageOf(hook);
      if (!message) continue;
      const attempt = this.#places
        .run(this.#stop.signal, () => this.#attempt(hook, message))
        .catch((thrown: unknown) => this.#untold(hook, asRookeryError(thrown)))
        .finally(() => this.#busy.delete(hook.job));
      this.#busy.set(hook.job, attempt);
    }
  }

  #dueAt({ job, attempts, lastAttemptAt }: PendingHook): number {
    if (attempts === 0) return 0;
    const waitMs = this.#waitsMs[attempts - 1] ?? 0;
    return Math.max(lastAttemptAt + waitMs, this.#notBefore.get(job) ?? 0);
  }

  async #messageOf({ job, madeAt }: PendingHook): Promise<WebhookMessage | undefined> {
    const { view, cancelledAt, log } = this.#options;
    try {
      const seen = await view(job);
      // Counts that are still being made would make another message at the next attempt.
      if (seen.state === 'complete' && seen.classes === null) return undefined;
      return webhookMessage(seen, (seen.state === 'cancelled' ? await cancelledAt(job) : undefined) ?? new Date());
    } catch (thrown) {
      const error = asRookeryError(thrown);
      if (error.code === 'JOB_NOT_FOUND') {
        if (Date.now() - madeAt > orphanMs) await this.remove(job);
      } else log.warn({ job, err: error }, 'a job with a webhook could not be looked at');
      return undefined;
    }
  }

  async #attempt(hook: PendingHook, message: WebhookMessage): Promise<void> {
    const { records, log, allowHttp, allowPrivate, timeoutMs = 15_000 } = this.#options;
    const { job, url } = hook;
    const last = hook.attempts >= this.#waitsMs.length;
    if (hook.attempts > this.#waitsMs.length) return this.#giveUp(hook, 'nobody answered');
    const ours = await records.begin(job, hook.attempts);
    hook.attempts++;
    hook.lastAttemptAt = Date.now();
    // Another service makes this attempt; if it fails, the next one is anybody's.
    const isThere = await records.isThere(job);
    if (!isThere) return this.remove(job);
    if (!ours) return;
    const headers = this.#signer.headersOf(message, new Date());
    const { signal } = this.#stop;
    const { status, retryAfterMs } = await guardedPost(url, {
      body: message.body,
      headers,
      timeoutMs,
      allowHttp,
      allowPrivate,
      signal,
    });
    if (status >= 200 && status < 300) {
      this.#options.counts.webhook('delivered');
      log.info({ job, attempts: hook.attempts }, 'webhook delivered');
      return this.remove(job);
    }
    if (status === 410) return this.#giveUp(hook, 'the receiver is gone (410)');
    if (retryAfterMs !== undefined) this.#notBefore.set(job, Date.now() + retryAfterMs);
    this.#failed(hook, `status ${status}`);
    if (last) await this.#giveUp(hook, `status ${status}`);
  }

  async #untold(hook: PendingHook, error: RookeryError): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#failed(hook, error.message);
    const refused = error.code === 'URL_REFUSED';
    if (refused || hook.attempts > this.#waitsMs.length) await this.#giveUp(hook, error.message).catch(() => undefined);
  }

  #failed({ job, attempts }: PendingHook, why: string): void {
    this.#options.counts.webhook('failed');
    this.#options.log.warn({ job, attempts, why }, 'a webhook was not delivered');
  }

  async #giveUp({ job, attempts }: PendingHook, why: string): Promise<void> {
    this.#options.counts.webhook('given_up');
    this.#options.log.error({ job, attempts, why }, 'a webhook is given up');
    await this.remove(job);
  }
}

/** A receiver's address is asked for where webhooks are off. */
export const noWebhooks = (): RookeryError =>
  new RookeryError('REQUEST_INVALID', { detail: 'webhook: this service sends none; it was started without a secret' });
