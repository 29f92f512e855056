import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { RookeryError } from '@rookery/contracts';
import {
  csvResults,
  type JobLedger,
  parquetResults,
  streamLines,
  streamResults,
  summaryIfComplete,
} from '@rookery/jobs';
import type { CommandContext } from '../context.ts';
import { type JobsOptions, jobNamed, openLedger } from './jobs-store.ts';

export interface ResultsOptions {
  readonly format: 'jsonl' | 'csv' | 'parquet';
  readonly output?: string;
  readonly errorsOnly?: boolean;
  readonly partial?: boolean;
}

/** `rookery jobs results`. */
export async function writeResults(
  given: string,
  options: JobsOptions & ResultsOptions,
  context: CommandContext,
): Promise<void> {
  await using opened = await openLedger(options, context);
  const id = await jobNamed(opened.ledger, given, context.signal);
  const pieces = await resultsIn(opened.ledger, id, options, context.signal);
  if (options.output !== undefined) {
    const file = resolve(context.cwd, options.output);
    // Whoever reads it sees all or nothing.
    const unfinished = `${file}.unfinished`;
    try {
      await pipeline(Readable.from(pieces), createWriteStream(unfinished), { signal: context.signal });
      await rename(unfinished, file);
    } finally {
      await rm(unfinished, { force: true });
    }
    return;
  }
  if (options.format === 'parquet') throw new RookeryError('USAGE', { detail: '--format parquet needs --output FILE' });
  const decoder = new TextDecoder();
  for await (const piece of pieces) {
    if (context.stdout.closed) return;
    await context.stdout.write(typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true }));
  }
}

async function resultsIn(
  ledger: JobLedger,
  id: string,
  { format, errorsOnly, partial }: ResultsOptions,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array | string>> {
  const job = await ledger.read(id, signal);
  // Looked up first, so that nothing is written of what is not whole.
  if (!partial && !(await summaryIfComplete(ledger, job, signal)))
    throw new RookeryError('JOB_NOT_COMPLETE', { detail: `${id}: --partial writes what is there` });
  const options = { errorsOnly, partial, signal };
  if (format === 'jsonl') return streamResults(ledger, id, options);
  const lines = streamLines(ledger, id, options);
  return format === 'csv' ? csvResults(lines, job.top) : parquetResults(lines);
}
