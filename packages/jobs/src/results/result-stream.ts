import { jobLayout, type ResultLine, RookeryError } from '@rookery/contracts';
import type { JobLedger } from '../job-ledger.ts';
import { mapInOrder } from '../parallel.ts';
import { range } from '../range.ts';
import { onlyFailed, readLines } from './result-text.ts';

/** Results read ahead of whoever consumes them. Each holds at most 256 lines. */
const readAhead = 8;

export interface ResultStreamOptions {
  /** Only the lines of pictures that could not be classified. */
  errorsOnly?: boolean | undefined;
  /** Also of a job that is not complete: what is there by now, in order, gaps left out. */
  partial?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * The encoded lines of a job in the order of its items, a task a piece, in bounded memory however large the job.
 * @throws {RookeryError} JOB_NOT_COMPLETE, before the first piece where the job is not sealed.
 */
export async function* streamResults(
  ledger: JobLedger,
  job: string,
  { errorsOnly, partial, signal }: ResultStreamOptions = {},
): AsyncGenerator<Uint8Array> {
  const seqs = partial ? seqsThere(ledger, job, signal) : await seqsOfSealed(ledger, job, signal);
  for await (const { seq, bytes } of mapInOrder(seqs, readAhead, async (seq) => ({
    seq,
    bytes: await ledger.findResult(job, seq, signal),
  }))) {
    if (!bytes && !partial) throw new RookeryError('JOB_NOT_COMPLETE', { detail: `${job}: task ${seq} has no result` });
    const chosen = bytes && (errorsOnly ? onlyFailed(bytes) : bytes);
    if (chosen && chosen.byteLength > 0) yield chosen;
  }
}

/** As `streamResults`, decoded; a task's lines a piece. */
export async function* streamLines(
  ledger: JobLedger,
  job: string,
  options: ResultStreamOptions = {},
): AsyncGenerator<ResultLine[]> {
  for await (const bytes of streamResults(ledger, job, options)) yield readLines(bytes);
}

async function seqsOfSealed(ledger: JobLedger, job: string, signal?: AbortSignal): Promise<Iterable<number>> {
  const sealed = await ledger.findSealed(job, signal);
  if (!sealed) {
    await ledger.read(job, signal);
    throw new RookeryError('JOB_NOT_COMPLETE', { detail: `${job} is still being planned` });
  }
  return range(sealed.tasks);
}

async function* seqsThere(ledger: JobLedger, job: string, signal?: AbortSignal): AsyncGenerator<number> {
  await ledger.read(job, signal);
  const { results } = jobLayout(job);
  for await (const page of ledger.store.list(results, { signal }))
    for (const { key } of page) yield Number(key.slice(results.length, results.length + 10));
}
