import { createHash } from 'node:crypto';
import { canonicalJson, Digest, digestOf, JobId, RookeryError } from '@rookery/contracts';
import type { ObjectStore } from '@rookery/storage';
import * as z from 'zod';

const Record = z.strictObject({ v: z.literal(1), job: JobId, request: Digest });

/** One small object a key, in Rookery's own prefix. No job is called `.requests`. */
const folder = 'jobs/.requests/';
/** A repeat comes within hours. */
const keptMs = 7 * 86_400_000;

export interface Claim {
  readonly job: string;
  /** Nobody had used the key. */
  readonly isNew: boolean;
  /** For a request that came to nothing: the key may be used for another one. */
  release(): Promise<void>;
}

/** Requests that may be repeated: what each key of a caller was first used for, kept in the store for a week. */
export class IdempotencyKeys {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /**
   * Says which job a key stands for: `job` where nobody has used it yet.
   * @throws {RookeryError} IDEMPOTENCY_KEY_REUSED where the key was used for another request
   */
  async claim(caller: string, key: string, request: object, job: string): Promise<Claim> {
    const place = `${folder}${createHash('sha256').update(`${caller}\n${key}`).digest('hex')}.json`;
    const mine = { v: 1 as const, job, request: digestOf(canonicalJson(request)) };
    const put = await this.#store.put(place, JSON.stringify(mine), { ifAbsent: true, contentType: 'application/json' });
    const release = (): Promise<void> => this.#store.delete([place]);
    if (put === 'created') return { job, isNew: true, release };
    const { body } = await this.#store.get(place, { maxBytes: 4_096 });
    const first = Record.parse(JSON.parse(Buffer.from(body).toString('utf8')));
    if (first.request !== mine.request) throw new RookeryError('IDEMPOTENCY_KEY_REUSED', { detail: first.job });
    return { job: first.job, isNew: false, release: async () => {} };
  }

  /** Forgets keys that nobody repeats any more. */
  async sweep(signal: AbortSignal): Promise<void> {
    for await (const page of this.#store.list(folder, { signal })) {
      const old = page.filter(({ lastModified }) => Date.now() - lastModified.getTime() > keptMs);
      if (old.length > 0)
        await this.#store.delete(
          old.map(({ key }) => key),
          signal,
        );
    }
  }
}
