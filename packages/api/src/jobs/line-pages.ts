import {
  type Job,
  type JobLines,
  type JobLinesQuery,
  jobLayout,
  type ResultLine,
  RookeryError,
} from '@rookery/contracts';
import type { JobLedger } from '@rookery/jobs';
import type { JobResults } from './job-results.ts';
import { topLabel } from './result-file.ts';

const defaultLimit = 100;
/** A page is ended early after so long, however little it has found. */
const longestMs = 2_000;

interface Position {
  readonly seq: number;
  readonly index: number;
}

/** A page of a job's lines in the order of its items; also of a job that still runs. */
export async function linePage(
  {
    ledger,
    results,
    job,
    resultsPerPage,
  }: {
    readonly ledger: JobLedger;
    readonly results: JobResults;
    readonly job: Job;
    readonly resultsPerPage: number;
  },
  { cursor, limit = defaultLimit, ...filter }: JobLinesQuery,
  signal?: AbortSignal,
): Promise<JobLines> {
  const from = parsePosition(cursor ?? '0.0');
  const passes = lineFilter(filter);
  const lines: ResultLine[] = [];
  const positions: string[] = [];
  const endAt = performance.now() + longestMs;
  let read = 0;
  for await (const seq of seqsFrom(ledger, job.id, from.seq, signal)) {
    if (read++ >= resultsPerPage || (read > 1 && performance.now() > endAt))
      return { lines, positions, next: `${seq}.0` };
    const all = (await results.lines(job, seq)) ?? [];
    for (let index = seq === from.seq ? from.index : 0; index < all.length; index++) {
      const line = all[index];
      if (!line || !passes(line)) continue;
      if (lines.length >= limit) return { lines, positions, next: `${seq}.${index}` };
      lines.push(line);
      positions.push(`${seq}.${index}`);
    }
  }
  return { lines, positions, next: null };
}

/** Where a line stands: its task, and its place in it. @throws {RookeryError} REQUEST_INVALID */
export function parsePosition(text: string): Position {
  const [, seq, index] = /^(\d{1,10})\.(\d{1,3})$/.exec(text) ?? [];
  if (seq === undefined || index === undefined)
    throw new RookeryError('REQUEST_INVALID', { detail: `${JSON.stringify(text)} is no position` });
  return { seq: Number(seq), index: Number(index) };
}

function lineFilter({ outcome = 'all', label, code, minScore, maxScore, search }: JobLinesQuery) {
  const part = search?.toLowerCase();
  return (line: ResultLine): boolean => {
    const score = line.predictions[0]?.score;
    if (outcome !== 'all' && (line.error === undefined) !== (outcome === 'labelled')) return false;
    if (label !== undefined && topLabel(line) !== label) return false;
    if (code !== undefined && line.error?.code !== code) return false;
    if (minScore !== undefined && (score === undefined || score < minScore)) return false;
    if (maxScore !== undefined && (score === undefined || score > maxScore)) return false;
    return part === undefined || line.key.toLowerCase().includes(part);
  };
}

/** Tasks with a result, in order; gaps are left out. */
async function* seqsFrom(
  ledger: JobLedger,
  job: string,
  from: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<number> {
  const layout = jobLayout(job);
  const startAfter = from > 0 ? layout.result(from - 1) : undefined;
  for await (const page of ledger.store.list(layout.results, { startAfter, pageSize: 200, signal }))
    for (const { key } of page) yield Number(key.slice(layout.results.length, layout.results.length + 10));
}
