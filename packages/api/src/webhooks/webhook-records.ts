import type { ObjectStore } from '@rookery/storage';
import * as z from 'zod';

const Hook = z.strictObject({ v: z.literal(1), url: z.string() });

/** A folder for each job with a webhook that was not delivered yet. No job is called `.webhooks`. */
const root = 'jobs/.webhooks/';
const hookKey = (job: string): string => `${root}${job}/hook.json`;
const attemptKey = (job: string, attempt: number): string =>
  `${root}${job}/attempt-${String(attempt).padStart(2, '0')}`;

/** A webhook that waits for its job, or for its next attempt. */
export interface PendingHook {
  readonly job: string;
  readonly url: string;
  /** Attempts that somebody has begun. */
  attempts: number;
  /** When the last one began, by the store's clock. Milliseconds since the epoch. */
  lastAttemptAt: number;
  readonly madeAt: number;
}

/**
 * Webhooks in the store: where they go, and an empty object for each attempt, put if absent by whoever makes it. So they survive every
 * process, and of several services one makes each attempt.
 */
export class WebhookRecords {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** Before the job is made. The first counts, as with the job. */
  async add(job: string, url: string): Promise<PendingHook> {
    await this.#store.put(hookKey(job), JSON.stringify({ v: 1, url }), {
      ifAbsent: true,
      contentType: 'application/json',
    });
    return { job, url, attempts: 0, lastAttemptAt: 0, madeAt: Date.now() };
  }

  /** Whether this attempt is ours to make. */
  async begin(job: string, attempt: number): Promise<boolean> {
    return (await this.#store.put(attemptKey(job, attempt), '', { ifAbsent: true })) === 'created';
  }

  /** Whether nobody has delivered it yet, or given it up. */
  async isThere(job: string): Promise<boolean> {
    return (await this.#store.head(hookKey(job))) !== undefined;
  }

  /** Delivered, or given up. Its address goes first: what is left then is no webhook any more. */
  async remove(job: string): Promise<void> {
    await this.#store.delete([hookKey(job)]);
    for await (const page of this.#store.list(`${root}${job}/`)) await this.#store.delete(page.map(({ key }) => key));
  }

  /** All of them, one listing; only those not in `known` are read. */
  async all(known: ReadonlyMap<string, PendingHook>, signal: AbortSignal): Promise<Map<string, PendingHook>> {
    const attempts = new Map<string, { count: number; lastAt: number }>();
    const made = new Map<string, number>();
    for await (const page of this.#store.list(root, { signal })) {
      for (const { key, lastModified } of page) {
        const [job = '', name = ''] = key.slice(root.length).split('/');
        if (name === 'hook.json') made.set(job, lastModified.getTime());
        else {
          const { count, lastAt } = attempts.get(job) ?? { count: 0, lastAt: 0 };
          attempts.set(job, { count: count + 1, lastAt: Math.max(lastAt, lastModified.getTime()) });
        }
      }
    }
    const found = new Map<string, PendingHook>();
    for (const [job, madeAt] of made) {
      const url = known.get(job)?.url ?? (await this.#urlOf(job, signal));
      const { count = 0, lastAt = 0 } = attempts.get(job) ?? {};
      if (url !== undefined) found.set(job, { job, url, attempts: count, lastAttemptAt: lastAt, madeAt });
    }
    for (const job of attempts.keys()) if (!made.has(job)) await this.remove(job);
    return found;
  }

  async #urlOf(job: string, signal: AbortSignal): Promise<string | undefined> {
    try {
      const { body } = await this.#store.get(hookKey(job), { maxBytes: 16_384, signal });
      return Hook.parse(JSON.parse(Buffer.from(body).toString('utf8'))).url;
    } catch {
      signal.throwIfAborted();
      return undefined;
    }
  }
}
