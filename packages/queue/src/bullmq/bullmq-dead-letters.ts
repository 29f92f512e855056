import { encodeTask, type RookeryError, type Task, throwIfAborted } from '@rookery/contracts';
import type { RedisQueueBackend } from 'bullmq';
import type { DeadLetter, DeadLetters } from '../task-queue.ts';
import { addFailed, purgeFailed } from './dead-scripts.ts';
import { decodeReason, encodeReason, encodeStack } from './failed-reason.ts';
import { jobName } from './job-of-task.ts';
import { isScriptError, type RedisLink } from './redis-link.ts';

const page = 500;
const fresh = { resetAttemptsMade: true, resetAttemptsStarted: true };

/** BullMQ's failed jobs, which its dashboards list with their reasons. */
export class BullmqDeadLetters implements DeadLetters {
  readonly #link: RedisLink;
  readonly #backend: RedisQueueBackend;

  constructor(link: RedisLink, backend: RedisQueueBackend) {
    this.#link = link;
    this.#backend = backend;
  }

  async add(task: Task, reason: RookeryError): Promise<void> {
    const { keys } = this.#backend;
    const data = encodeTask(task);
    await this.#link.call('adding a dead letter', () =>
      this.#link.client.eval(
        addFailed,
        3,
        key(keys, 'id'),
        key(keys, 'failed'),
        this.#backend.toKey(''),
        jobName(task),
        data,
        Date.now(),
        encodeReason(reason),
        encodeStack(reason),
      ),
    );
  }

  async list(limit: number, signal?: AbortSignal): Promise<readonly DeadLetter[]> {
    const letters: DeadLetter[] = [];
    for (let from = 0; letters.length < limit; from += page) {
      throwIfAborted(signal);
      const ids = await this.#ids(from, Math.min(page, limit - letters.length));
      const read = await Promise.all(ids.map((id) => this.#letter(id)));
      letters.push(...read.filter((letter) => letter !== undefined));
      if (ids.length < page) break;
    }
    return letters;
  }

  async read(id: string): Promise<DeadLetter | undefined> {
    const isDead = await this.#link.call('looking for a dead letter', () => this.#backend.isJobInState('failed', id));
    return isDead ? this.#letter(id) : undefined;
  }

  redrive(ids?: readonly string[], signal?: AbortSignal): Promise<number> {
    return this.#each(ids, signal, async (some) => {
      const moved = await Promise.all(some.map((id) => this.#redriveOne(id)));
      return moved.filter(Boolean).length;
    });
  }

  purge(ids?: readonly string[], signal?: AbortSignal): Promise<number> {
    return this.#each(ids, signal, async (some) =>
      Number(
        await this.#link.call('purging dead letters', () =>
          this.#link.client.eval(purgeFailed, 2, key(this.#backend.keys, 'failed'), this.#backend.toKey(''), ...some),
        ),
      ),
    );
  }

  /** Those named, or as many of the oldest as there were at the start: what is buried again meanwhile stays. */
  async #each(
    ids: readonly string[] | undefined,
    signal: AbortSignal | undefined,
    treat: (ids: readonly string[]) => Promise<number>,
  ): Promise<number> {
    let treated = 0;
    if (ids !== undefined) {
      for (let from = 0; from < ids.length; from += page) {
        throwIfAborted(signal);
        treated += await treat(ids.slice(from, from + page));
      }
      return treated;
    }
    let left = await this.#link.call('counting dead letters', () =>
      this.#link.client.zcard(key(this.#backend.keys, 'failed')),
    );
    while (left > 0) {
      throwIfAborted(signal);
      const some = await this.#ids(0, Math.min(page, left));
      if (some.length === 0) break;
      treated += await treat(some);
      left -= some.length;
    }
    return treated;
  }

  async #ids(from: number, count: number): Promise<string[]> {
    const [ids = []] = await this.#link.call('listing dead letters', () =>
      this.#backend.getRanges(['failed'], from, from + count - 1, true),
    );
    return ids;
  }

  async #letter(id: string): Promise<DeadLetter | undefined> {
    const job = await this.#link.call('reading a dead letter', () => this.#backend.getJobData(id));
    if (job === undefined) return undefined;
    return {
      id,
      message: job.data ?? '',
      reason: decodeReason(job.failedReason ?? ''),
      buriedAt: Number(job.finishedOn ?? job.timestamp),
    };
  }

  /** False where somebody else was faster. */
  async #redriveOne(id: string): Promise<boolean> {
    const job = { id, opts: {} } as Parameters<RedisQueueBackend['retryFinishedJob']>[0];
    try {
      await this.#link.call('redriving a dead letter', () => this.#backend.retryFinishedJob(job, 'failed', fresh));
      return true;
    } catch (thrown) {
      if (isScriptError(thrown)) return false;
      throw thrown;
    }
  }
}

const key = (keys: Readonly<Record<string, string>>, name: string): string => {
  const found = keys[name];
  if (found === undefined) throw new TypeError(`BullMQ has no key ${name}`);
  return found;
};
