import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs';
import { pause, RookeryError } from '@rookery/contracts';

/** What SQS takes in one request. */
export const batchSize = 10;
const attempts = 4;

export interface BatchFailure {
  readonly index: number;
  readonly code: string;
  readonly message: string;
  /** The request was wrong: the same again will not help. */
  readonly senderFault: boolean;
}

/** Entries are numbered by their place in the request. */
export const readFailures = (failed: readonly BatchResultErrorEntry[] = []): BatchFailure[] =>
  failed.map(({ Id, Code = '', Message = '', SenderFault = false }) => ({
    index: Number(Id),
    code: Code,
    message: Message,
    senderFault: SenderFault,
  }));

/** An entry that SQS refused. `code` is SQS' own. */
export class EntryRefused extends Error {
  readonly code: string;

  constructor(failure: BatchFailure) {
    super(`${failure.code}: ${failure.message}`);
    this.name = 'EntryRefused';
    this.code = failure.code;
  }
}

/**
 * Sends entries in one request and those that failed for no fault of theirs again.
 *
 * @returns one outcome per entry, in order: `undefined`, or why it failed for good
 * @throws what `request` throws: then nothing is known of any entry
 */
export async function sendBatch<T>(
  entries: readonly T[],
  request: (entries: readonly T[]) => Promise<readonly BatchFailure[]>,
): Promise<(Error | undefined)[]> {
  const outcomes = new Array<Error | undefined>(entries.length).fill(undefined);
  let left = entries.map((_, index) => index);
  for (let attempt = 1; left.length > 0; attempt += 1) {
    const asked = left;
    const failures = await request(asked.flatMap((index) => entries[index] as T));
    left = [];
    for (const failure of failures) {
      const index = asked[failure.index];
      if (index === undefined) continue;
      outcomes[index] = failure.senderFault
        ? new EntryRefused(failure)
        : new RookeryError('QUEUE_UNAVAILABLE', { detail: `${failure.code}: ${failure.message}` });
      if (!failure.senderFault && attempt < attempts) left.push(index);
    }
    for (const index of left) outcomes[index] = undefined;
    if (left.length > 0) await pause(100 * 2 ** attempt * (0.5 + Math.random()));
  }
  return outcomes;
}

interface Waiting<T> {
  readonly entry: T;
  readonly done: (failure: Error | undefined) => void;
}

/** Gathers single entries for a moment, so that ten of them cost one request. Each resolves when its own is done. */
export class Batcher<T> {
  readonly #request: (entries: readonly T[]) => Promise<readonly BatchFailure[]>;
  readonly #gatherMs: number;
  #waiting: Waiting<T>[] = [];
  #timer: NodeJS.Timeout | undefined;
  readonly #underWay = new Set<Promise<void>>();

  constructor(request: (entries: readonly T[]) => Promise<readonly BatchFailure[]>, gatherMs = 4) {
    this.#request = request;
    this.#gatherMs = gatherMs;
  }

  add(entry: T): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, done: (failure) => (failure === undefined ? resolve() : reject(failure)) });
      if (this.#waiting.length >= batchSize) this.#send();
      else this.#timer ??= setTimeout(() => this.#send(), this.#gatherMs);
    });
  }

  /** Sends what is gathered and waits for all that is under way. */
  async flush(): Promise<void> {
    this.#send();
    await Promise.all(this.#underWay);
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#waiting;
    this.#waiting = [];
    if (batch.length === 0) return;
    const sending = sendBatch(
      batch.map(({ entry }) => entry),
      this.#request,
    ).then(
      (outcomes) => {
        for (const [index, { done }] of batch.entries()) done(outcomes[index]);
      },
      (failure: Error) => {
        for (const { done } of batch) done(failure);
      },
    );
    this.#underWay.add(sending);
    void sending.finally(() => this.#underWay.delete(sending));
  }
}
