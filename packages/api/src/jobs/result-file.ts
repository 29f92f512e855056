import { type Job, jobLayout, type ResultLine, RookeryError } from '@rookery/contracts';
import { csvResults, type JobLedger, mapInOrder, parquetResults, streamLines, streamResults } from '@rookery/jobs';
import type { ByteRange } from '../http/byte-range.ts';
import { type ResultLayout, slicesOf } from './result-layout.ts';

export type ResultFormat = 'jsonl' | 'csv' | 'parquet';

export const resultTypes: Readonly<Record<ResultFormat, string>> = {
  jsonl: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
};

const names: readonly (readonly [type: RegExp, format: ResultFormat])[] = [
  [/^application\/(x-ndjson|jsonl|jsonlines|x-jsonlines|ndjson)$/, 'jsonl'],
  [/^text\/csv$/, 'csv'],
  [/^application\/(vnd\.apache\.parquet|x-parquet|parquet)$/, 'parquet'],
];

/** The format that an `Accept` header would rather have, the first of equals; JSON lines where it names none of ours. */
export function formatAccepted(accept: string | undefined): ResultFormat {
  let best: ResultFormat = 'jsonl';
  let bestWeight = 0;
  for (const part of (accept ?? '').split(',')) {
    const [type = '', ...params] = part
      .toLowerCase()
      .split(';')
      .map((text) => text.trim());
    const known = names.find(([name]) => name.test(type));
    const weight = Number(params.find((param) => param.startsWith('q='))?.slice(2) ?? 1);
    if (known && weight > bestWeight) [best, bestWeight] = [known[1], weight];
  }
  return best;
}

export interface ResultFilter {
  readonly errorsOnly: boolean;
  /** The top label. */
  readonly label: string | undefined;
  readonly partial: boolean;
}

/** A job's results as a file, in bounded memory however large the job. Errors come from the first piece on. */
export async function* resultFile(
  ledger: JobLedger,
  job: Job,
  format: ResultFormat,
  { errorsOnly, label, partial }: ResultFilter,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array | string> {
  const options = { errorsOnly, partial, signal };
  if (format === 'jsonl' && label === undefined) return yield* streamResults(ledger, job.id, options);
  if (format === 'jsonl') {
    for await (const bytes of streamResults(ledger, job.id, options)) {
      const text = linesWith(bytes, label);
      if (text !== '') yield text;
    }
    return;
  }
  const lines = labelled(streamLines(ledger, job.id, options), label);
  yield* format === 'csv' ? csvResults(lines, job.top) : parquetResults(lines);
}

/** A range of the bytes of a complete job's lines. */
export async function* resultRange(
  ledger: JobLedger,
  job: Job,
  { layout, range }: { readonly layout: ResultLayout; readonly range: ByteRange },
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const read = async ({ seq, start, end }: ByteRange & { readonly seq: number }) => {
    const { body } = await ledger.store.get(jobLayout(job.id).result(seq), { range: { start, end }, signal });
    // Content-Length was announced.
    if (body.byteLength === end - start + 1) return body;
    throw new RookeryError('OBJECT_CHANGED', { detail: jobLayout(job.id).result(seq) });
  };
  yield* mapInOrder(slicesOf(layout, range), 8, read);
}

/** Encoded lines with this top label, as they stand there. */
const linesWith = (bytes: Uint8Array, label: string | undefined): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '' && topLabel(JSON.parse(line) as ResultLine) === label)
    .map((line) => `${line}\n`)
    .join('');

async function* labelled(lines: AsyncIterable<ResultLine[]>, label: string | undefined): AsyncGenerator<ResultLine[]> {
  for await (const piece of lines) yield label === undefined ? piece : piece.filter((line) => topLabel(line) === label);
}

export const topLabel = ({ error, predictions }: ResultLine): string | undefined =>
  error ? undefined : predictions[0]?.label;
