import { createRedisBackend, type RedisQueueBackend } from 'bullmq';
import { isScriptError, type RedisLink } from './redis-link.ts';

export interface BackendOptions {
  readonly name: string;
  readonly prefix: string;
  readonly leaseMs: number;
}

/**
 * How often somebody looks for lost leases. A check only happens when the mark of the one before has run out, so two of
 * these may pass between checks: a lost lease comes back within 1 + 2/3 leases.
 */
export const stalledCheckMs = (leaseMs: number): number => Math.floor(leaseMs / 3);

/** BullMQ's operations on one queue, over our connection. Nothing of it runs by itself. */
export function openBackend(link: RedisLink, { name, prefix, leaseMs }: BackendOptions): RedisQueueBackend {
  const options = {
    connection: link.client,
    prefix,
    // Its own check writes to the console; `redis-server.ts` does it.
    skipVersionCheck: true,
    lockDuration: leaseMs,
    stalledInterval: stalledCheckMs(leaseMs),
    // Tasks are never given up by count alone: workers isolate them.
    maxStalledCount: Number.MAX_SAFE_INTEGER,
  };
  const backend = createRedisBackend(name, options);
  backend.on('error', () => undefined);
  return backend;
}

/** The message of a job as it lies in Redis; whoever wrote it. */
export interface FetchedJob {
  readonly id: string;
  readonly token: string;
  readonly message: string;
  readonly attempt: number;
  readonly sentAt: number | undefined;
  /** Some BullMQ worker decided that the job has failed: whoever fetches it must move it. */
  readonly deferredFailure: string | undefined;
}

/** A leased job, or when the next delayed one is due (milliseconds since the epoch; 0: none is known). */
export type Fetch = { readonly job: FetchedJob } | { readonly nextDueAt: number };

interface RawJob {
  readonly data?: string;
  readonly timestamp?: number;
  readonly attemptsStarted?: number;
  readonly deferredFailure?: string;
}

export async function fetchJob(link: RedisLink, backend: RedisQueueBackend, token: string): Promise<Fetch> {
  const [raw, id, , nextDueAt] = (await link.call('fetching a task', () => backend.moveToActive(token))) as [
    RawJob | null,
    string,
    number,
    number,
  ];
  if (!raw) return { nextDueAt: Number(nextDueAt ?? 0) };
  return {
    job: {
      id: String(id),
      token,
      message: raw.data ?? '',
      // Counts every start: first ones, retries and lost leases alike. `attemptsMade` misses what stalled.
      attempt: Math.max(1, Number(raw.attemptsStarted ?? 1)),
      sentAt: raw.timestamp && Number.isFinite(raw.timestamp) ? raw.timestamp : undefined,
      deferredFailure: raw.deferredFailure,
    },
  };
}

const gone = new Set([-1, -2, -3, -6]);

/** Runs a step that needs the job's lock. False where the lock or the job is gone: the task is with another worker, or done. */
export async function whileLeased(link: RedisLink, what: string, step: () => Promise<unknown>): Promise<boolean> {
  try {
    await link.call(what, step);
    return true;
  } catch (thrown) {
    if (isScriptError(thrown) && gone.has(thrown.code)) return false;
    throw thrown;
  }
}
