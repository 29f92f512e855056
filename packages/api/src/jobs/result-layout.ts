import { createHash } from 'node:crypto';
import { type Job, jobLayout } from '@rookery/contracts';
import type { ObjectStore } from '@rookery/storage';
import type { ByteRange } from '../http/byte-range.ts';

/** Where the bytes of a complete job's results lie: one after the other they are the file. */
export interface ResultLayout {
  /** Of each task's result, in order. Bytes. */
  readonly sizes: Float64Array;
  readonly totalBytes: number;
  /** Results are never rewritten: the same for as long as the job is there. In quotes. */
  readonly etag: string;
}

/** A part of one task's result. */
export interface ResultSlice extends ByteRange {
  readonly seq: number;
}

/** One listing. */
export async function readLayout(
  store: ObjectStore,
  job: Job,
  tasks: number,
  signal?: AbortSignal,
): Promise<ResultLayout> {
  const sizes = new Float64Array(tasks);
  const hash = createHash('sha256').update(`${job.id}\n${job.createdAt}\n`);
  const { results } = jobLayout(job.id);
  let totalBytes = 0;
  let at = 0;
  for await (const page of store.list(results, { signal })) {
    for (const { sizeBytes } of page) {
      if (at >= tasks) break;
      sizes[at++] = sizeBytes;
      totalBytes += sizeBytes;
      hash.update(`${sizeBytes}\n`);
    }
  }
  return { sizes, totalBytes, etag: `"${hash.digest('base64url').slice(0, 27)}"` };
}

/** The parts of results that make up a range of the file. */
export function* slicesOf({ sizes }: ResultLayout, { start, end }: ByteRange): Generator<ResultSlice> {
  let from = 0;
  for (let seq = 0; seq < sizes.length && from <= end; seq++) {
    const size = sizes[seq] ?? 0;
    if (size > 0 && from + size > start)
      yield { seq, start: Math.max(0, start - from), end: Math.min(size, end - from + 1) - 1 };
    from += size;
  }
}
