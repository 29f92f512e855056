import { randomUUID } from 'node:crypto';
import { RookeryError, type Task, throwIfAborted } from '@rookery/contracts';
import type { RedisQueueBackend } from 'bullmq';
import { Abandonment } from '../abandonment.ts';
import { deliver } from '../delivery.ts';
import type { BullmqQueueOptions } from '../options.ts';
import type { QueueLog } from '../queue-log.ts';
import { receiveWithin } from '../receive-within.ts';
import type { Delivery, QueueDepth, ReceiveOptions, TaskQueue } from '../task-queue.ts';
import { closed } from '../unavailable.ts';
import { type FetchedJob, fetchJob, openBackend } from './backend.ts';
import { BullmqDeadLetters } from './bullmq-dead-letters.ts';
import { leaseOf } from './job-lease.ts';
import { jobOfTask } from './job-of-task.ts';
import { MarkerWatch, pollMs } from './marker-watch.ts';
import { OutageLog } from './outage-log.ts';
import { checkRedisAddress } from './redis-address.ts';
import { RedisLink } from './redis-link.ts';
import { checkServer } from './redis-server.ts';
import { StalledCheck } from './stalled-check.ts';

const defaultCallTimeoutMs = 5_000;
const connectWithinMs = 5_000;
const pauseAfterFailureMs = 200;
const lastWordMs = 1_000;
/** Jobs added in one go: one round trip, and no command that keeps Redis from others for long. */
const sendAtOnce = 500;

/** @throws {RookeryError} QUEUE_UNAVAILABLE, CONFIG_INVALID */
export async function openBullmqQueue(options: BullmqQueueOptions): Promise<TaskQueue> {
  const { name, url, prefix = 'bull', leaseMs, log, callTimeoutMs = defaultCallTimeoutMs } = options;
  const { outages = new OutageLog(log) } = options;
  checkRedisAddress(url);
  const link = new RedisLink({ url, callTimeoutMs, outages });
  try {
    await link.connect(connectWithinMs);
    await checkServer(link, log);
    const backend = openBackend(link, { name, prefix, leaseMs });
    await backend.waitUntilReady();
    // Dashboards find the workers of a queue by this name.
    const watchLink = new RedisLink({
      url,
      connectionName: backend.clientName(),
      callTimeoutMs: pollMs + 2_000,
      outages,
    });
    return new BullmqQueue({ name, leaseMs, log, link, watchLink, backend });
  } catch (thrown) {
    await link.close();
    throw thrown;
  }
}

interface Parts {
  readonly name: string;
  readonly leaseMs: number;
  readonly log: QueueLog | undefined;
  readonly link: RedisLink;
  readonly watchLink: RedisLink;
  readonly backend: RedisQueueBackend;
}

interface Fetched {
  readonly jobs: readonly FetchedJob[];
  /** When to look again where there are none; 0: whenever the marker says so. */
  readonly nextDueAt: number;
}

class BullmqQueue implements TaskQueue {
  readonly name: string;
  readonly leaseMs: number;
  readonly dead: BullmqDeadLetters;
  readonly #parts: Parts;
  readonly #watch: MarkerWatch;
  readonly #stalled: StalledCheck;
  readonly #closing = new AbortController();
  readonly #consumer = randomUUID();
  readonly #abandonment: Abandonment<Fetched>;
  #fetches = 0;
  #receives = false;

  constructor(parts: Parts) {
    const { name, leaseMs, link, watchLink, backend } = parts;
    this.#parts = parts;
    this.name = name;
    this.leaseMs = leaseMs;
    this.dead = new BullmqDeadLetters(link, backend);
    this.#watch = new MarkerWatch(watchLink, backend.toKey('marker'));
    this.#stalled = new StalledCheck(link, backend, leaseMs);
    this.#abandonment = new Abandonment(
      ({ jobs }) => Promise.allSettled(jobs.map((job) => leaseOf(job, parts).retry(0))),
      this.#closing.signal,
    );
  }

  async send(tasks: readonly Task[], signal?: AbortSignal): Promise<void> {
    const jobs = tasks.map(jobOfTask);
    const { link, backend } = this.#parts;
    for (let from = 0; from < jobs.length; from += sendAtOnce) {
      throwIfAborted(signal);
      if (this.#closing.signal.aborted) throw closed(this.name);
      // A pipeline: each job's own error, if any, is thrown.
      await link.call('sending tasks', () => backend.addJobs(jobs.slice(from, from + sendAtOnce)));
    }
  }

  async receive(max: number, options: ReceiveOptions): Promise<Delivery[]> {
    if (!this.#receives) {
      this.#receives = true;
      this.#stalled.start();
    }
    if (max <= 0) return [];
    const { signal } = options;
    return receiveWithin(options, {
      closing: this.#closing.signal,
      pauseAfterFailureMs,
      ask: async () => {
        const fetched = await this.#abandonment.unlessAborted(this.#fetch(max), signal);
        if (fetched === undefined) return undefined;
        const { jobs, nextDueAt } = fetched;
        return {
          deliveries: jobs.map((job) => this.#deliver(job)),
          whenToAsk: (leftMs) =>
            this.#watch.wait(Math.min(leftMs, nextDueAt > 0 ? nextDueAt - Date.now() : leftMs), signal),
        };
      },
    });
  }

  async depth(): Promise<QueueDepth> {
    const { link, backend } = this.#parts;
    return link.call('counting tasks', async () => {
      const [counts, due, oldestMs] = await Promise.all([
        backend.getCounts(['wait', 'prioritized', 'active', 'delayed', 'failed']),
        // Delayed ones whose time has come stay in the delayed set until somebody fetches.
        backend.getCounts(['delayed'], Date.now() + 1),
        this.#oldestMs(),
      ]);
      const [wait = 0, prioritized = 0, leased = 0, delayed = 0, dead = 0] = counts;
      const [overdue = 0] = due;
      return { ready: wait + prioritized + overdue, delayed: delayed - overdue, leased, dead, oldestMs };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    const { link, backend } = this.#parts;
    this.#stalled.stop();
    await this.#watch.close();
    await this.#abandonment.settled();
    // The wait that was cut off may have taken the marker with it: another worker shall look.
    if (this.#receives && link.client.status === 'ready') {
      const marker = backend.toKey('marker');
      await link
        .call('waking another worker', () => link.client.zadd(marker, 0, '0'), lastWordMs)
        .catch(() => undefined);
    }
    await link.close();
  }

  /** Two steps: a job that was taken meanwhile is no longer the next one. */
  async #oldestMs(): Promise<number | undefined> {
    const { link, backend } = this.#parts;
    const id = await link.client.lindex(backend.toKey('wait'), -1);
    const sentAt = id === null ? null : await link.client.hget(backend.toKey(id), 'timestamp');
    return sentAt === null || !Number.isFinite(Number(sentAt)) ? undefined : Math.max(0, Date.now() - Number(sentAt));
  }

  /** One first, and where there was one the rest side by side: an empty queue costs one call, a full one two round trips. */
  async #fetch(max: number): Promise<Fetched> {
    const first = await this.#fetchOne();
    if (!('job' in first)) return { jobs: [], nextDueAt: first.nextDueAt };
    const rest = await Promise.allSettled(Array.from({ length: max - 1 }, () => this.#fetchOne()));
    const more = rest.flatMap((one) => (one.status === 'fulfilled' && 'job' in one.value ? [one.value.job] : []));
    const jobs: FetchedJob[] = [];
    for (const job of [first.job, ...more]) {
      if (job.deferredFailure === undefined) jobs.push(job);
      else await this.#fail(job, job.deferredFailure);
    }
    return { jobs, nextDueAt: jobs.length === 0 ? Date.now() : 0 };
  }

  #fetchOne(): ReturnType<typeof fetchJob> {
    this.#fetches += 1;
    // A token of its own for each fetch: a delivery whose lease was lost must not pass for the one that came after it.
    return fetchJob(this.#parts.link, this.#parts.backend, `${this.#consumer}:${this.#fetches}`);
  }

  /** Another BullMQ worker with limits of its own decided that this job has failed. */
  async #fail(job: FetchedJob, why: string): Promise<void> {
    this.#parts.log?.error({ queue: this.name, jobId: job.id, reason: why }, 'a task was failed by the queue');
    const reason = new RookeryError('INTERNAL', { detail: why });
    await leaseOf(job, this.#parts)
      .bury(reason)
      .catch(() => undefined);
  }

  #deliver(job: FetchedJob): Delivery {
    return deliver(job, leaseOf(job, this.#parts));
  }
}
