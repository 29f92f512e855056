import { type Job, pinDigest } from '@rookery/contracts';
import type { JobLedger } from '@rookery/jobs';
import type { SourceEntry, SourcePosition } from './key-source.ts';
import { mergeSorted, mergeUnsorted } from './merge-earlier.ts';
import { type OpenBucket, openSource } from './open-source.ts';
import { retrySource } from './retry-source.ts';

export interface JobEntriesOptions {
  readonly ledger: JobLedger;
  readonly open: OpenBucket;
  /** Holds what is spilled while sorting. Default: the system's temporary folder. */
  readonly tempFolder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** All that a job is about from a position on, with the lines that it takes over. @throws {RookeryError} JOB_NOT_FOUND for its earlier job. */
export async function* jobEntries(
  job: Job,
  from: SourcePosition,
  { ledger, open, tempFolder, signal }: JobEntriesOptions,
): AsyncGenerator<readonly SourceEntry[]> {
  // A retry of a job whose list was spooled reads the list of the job that has it.
  const source = await openSource(ledger, open, await manifestOwner(ledger, job, signal), job.source);
  if (job.parent !== undefined) {
    const parent = await ledger.read(job.parent, signal);
    yield* retrySource(ledger, parent, job, source).entries(from, signal);
    return;
  }
  const read = () => source.entries(from, signal);
  const earlier = job.since === undefined ? undefined : await ledger.read(job.since, signal);
  if (!earlier || pinDigest(earlier.pin) !== pinDigest(job.pin)) return yield* read();
  const join = { ledger, earlier, job, folder: tempFolder, signal };
  yield* source.sorted ? mergeSorted(read(), join) : mergeUnsorted(read, join);
}

async function manifestOwner(ledger: JobLedger, job: Job, signal?: AbortSignal): Promise<string> {
  const [, owner] =
    job.source.kind === 'manifest' ? (/^jobs\/([a-z0-9-]+)\/manifest$/.exec(job.source.manifest) ?? []) : [];
  return owner !== undefined && owner !== job.id && (await ledger.find(owner, signal)) ? owner : job.id;
}
