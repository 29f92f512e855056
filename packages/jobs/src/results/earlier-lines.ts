import type { Job, ResultLine } from '@rookery/contracts';
import { compareUtf8 } from '@rookery/storage';
import type { JobLedger } from '../job-ledger.ts';
import { sortExternally } from '../sort/external-sort.ts';
import { streamLines } from './result-stream.ts';

/**
 * The lines of an earlier job in the order of their keys' UTF-8 bytes, for a merge join with a listing. A job made from a prefix is in
 * that order already; one made from a manifest is sorted, in bounded memory.
 */
export class EarlierLines implements AsyncDisposable {
  readonly #pieces: AsyncGenerator<readonly ResultLine[]>;
  #piece: readonly ResultLine[] = [];
  #at = 0;
  #ended = false;
  #key: string | undefined;
  #found: readonly ResultLine[] = [];

  /** `folder` holds what is spilled while sorting. */
  constructor(
    ledger: JobLedger,
    job: Job,
    options: { folder?: string | undefined; signal?: AbortSignal | undefined } = {},
  ) {
    const lines = streamLines(ledger, job.id, { partial: true, signal: options.signal });
    this.#pieces = job.source.kind === 'prefix' ? lines : sorted(lines, options.folder);
  }

  /** All lines of this key. Keys must be asked for in ascending order; repeats are fine. */
  async find(key: string): Promise<readonly ResultLine[]> {
    if (key === this.#key) return this.#found;
    const found: ResultLine[] = [];
    for (;;) {
      const line = this.#piece[this.#at];
      if (line === undefined) {
        if (!(await this.#nextPiece())) break;
        continue;
      }
      const order = compareUtf8(line.key, key);
      if (order > 0) break;
      if (order === 0) found.push(line);
      this.#at++;
    }
    this.#key = key;
    this.#found = found;
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pieces.return(undefined);
  }

  async #nextPiece(): Promise<boolean> {
    if (this.#ended) return false;
    const next = await this.#pieces.next();
    this.#ended = next.done === true;
    this.#piece = next.done ? [] : next.value;
    this.#at = 0;
    return !next.done;
  }
}

async function* sorted(
  pieces: AsyncIterable<readonly ResultLine[]>,
  folder?: string,
): AsyncGenerator<readonly ResultLine[]> {
  const byKey = sortExternally(flat(pieces), { compare: (a, b) => compareUtf8(a.key, b.key), folder });
  for await (const line of byKey) yield [line];
}

async function* flat(pieces: AsyncIterable<readonly ResultLine[]>): AsyncGenerator<ResultLine> {
  for await (const piece of pieces) yield* piece;
}
