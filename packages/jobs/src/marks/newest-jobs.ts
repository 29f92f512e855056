import { type Job, JobId } from '@rookery/contracts';
import type { ObjectStore } from '@rookery/storage';
import type { JobLedger } from '../job-ledger.ts';
import { mapInOrder } from '../parallel.ts';
import { latestMs, newestFolder, newestName } from './newest-marks.ts';

/** A mark whose job is not there after so long is what a producer left that died in between, or a deletion that did. */
const abandonedMs = 3_600_000;

export interface JobPage {
  readonly jobs: readonly Job[];
  /** Where the next page begins; `undefined` on the last one. */
  readonly next: string | undefined;
}

export interface JobPageOptions {
  readonly limit: number;
  /** `next` of the page before. */
  readonly after?: string | undefined;
  /** Reads a job; by default from the ledger. */
  readonly find?: ((id: string) => Promise<Job | undefined>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Some jobs, newest first, by the time at which they were made. */
export async function newestJobs(
  ledger: JobLedger,
  { limit, after, signal, find = (id) => ledger.find(id, signal) }: JobPageOptions,
): Promise<JobPage> {
  const jobs: Job[] = [];
  const abandoned: string[] = [];
  let last: string | undefined;
  const startAfter = after === undefined ? undefined : newestFolder + after;
  const found = mapInOrder(marks(ledger.store, startAfter, limit, signal), 8, async (name) => {
    const id = name.slice(14);
    return { name, job: JobId.safeParse(id).success ? await find(id) : undefined };
  });
  for await (const { name, job } of found) {
    last = name;
    if (job && newestName(job.id, job.createdAt) === name) jobs.push(job);
    else if (latestMs - Number(name.slice(0, 13)) < Date.now() - abandonedMs) abandoned.push(newestFolder + name);
    if (jobs.length >= limit) break;
  }
  if (abandoned.length > 0) await ledger.store.delete(abandoned, signal);
  return { jobs, next: jobs.length >= limit ? last : undefined };
}

async function* marks(
  store: ObjectStore,
  startAfter: string | undefined,
  limit: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  const pageSize = Math.min(1_000, limit + 8);
  for await (const page of store.list(newestFolder, { startAfter, pageSize, signal }))
    for (const { key } of page)
      if (/^\d{13}-/.test(key.slice(newestFolder.length))) yield key.slice(newestFolder.length);
}
