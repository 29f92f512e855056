import { randomBytes } from 'node:crypto';
import {
  canonicalJson,
  type Job,
  type JobSource,
  jobLayout,
  type Pin,
  RookeryError,
  type SourceFilter,
} from '@rookery/contracts';
import { type JobLedger, type MadeJob, putFeeding } from '@rookery/jobs';
import { jobEntries } from './job-entries.ts';
import { sourceStart } from './key-source.ts';
import { latestJob } from './latest-job.ts';
import type { OpenBucket } from './open-source.ts';

/** Where a job's pictures come from. */
export type RequestedSource =
  | Extract<JobSource, { readonly kind: 'prefix' | 'shards' }>
  | {
      readonly kind: 'manifest';
      readonly bucket: string;
      readonly format: 'lines' | 'csv' | 'inventory';
      readonly filter: SourceFilter;
      /** An object's address (`s3://bucket/key`, `file:///path`), or a stream that is copied into the job's folder first. */
      readonly manifest: string | AsyncIterable<Uint8Array>;
    };

export interface JobRequest {
  /** Of the job; made up where left out. A job of this name is gone on with. */
  readonly id?: string | undefined;
  readonly source: RequestedSource;
  readonly pin: Pin;
  readonly top: number;
  /** Pictures a task; by default so that a small job still has 16 tasks to share out. */
  readonly taskSize?: number | undefined;
  /** Take over what still holds from this job, or from the newest complete one of the same source and pin. */
  readonly since?: string | undefined;
  readonly tag?: boolean | undefined;
  readonly note?: string | undefined;
  /** The trace that it belongs to. */
  readonly traceparent?: string | undefined;
}

export interface CreateJobOptions {
  readonly ledger: JobLedger;
  readonly open: OpenBucket;
  readonly signal?: AbortSignal | undefined;
  readonly now?: (() => Date) | undefined;
  /** How long the source is looked at to choose the size of tasks; what was not counted by then is large. By default as long as it takes. */
  readonly lookMs?: number | undefined;
  /** Called after each step that is durable, for tests that end the process there. */
  readonly onStep?: ((step: 'spooled' | 'marked' | 'made') => void | Promise<void>) | undefined;
}

/** `20261124-221500-3f9a`: sorts by time, says when, and two at once differ. */
export const newJobId = (now: Date = new Date()): string =>
  `${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}-${randomBytes(2).toString('hex')}`;

/**
 * Makes the job, or finds the one that was made by this name: then what is asked must be what was asked.
 * @throws {RookeryError} JOB_CONFLICT, BUCKET_REFUSED, JOB_NOT_FOUND for `since`, USAGE
 */
export async function createJob(request: JobRequest, options: CreateJobOptions): Promise<MadeJob> {
  const { ledger, open, signal, onStep, now = () => new Date() } = options;
  const id = request.id ?? newJobId(now());
  const there = request.id === undefined ? undefined : await ledger.find(id, signal);
  const source = sourceOf(request.source, id);
  if (there) return { job: sameJob(there, request, source), isNew: false };
  checkNewName(id);
  await open(source.bucket);
  if (request.source.kind === 'manifest' && typeof request.source.manifest !== 'string') {
    // Put if absent: what an earlier attempt spooled is the job's list.
    await ledger.store.write(jobLayout(id).manifest, request.source.manifest, { ifAbsent: true, signal });
    await onStep?.('spooled');
  }
  const job = await draftOf(request, id, source, options);
  await putFeeding(ledger.store, id, { upTo: 0, owner: '', beat: 0 }, { ifAbsent: true, signal });
  await onStep?.('marked');
  const made = await ledger.create(job);
  await onStep?.('made');
  return made;
}

/** The job that `createJob` would make, without making it. A list must be at an address: a stream cannot be read twice. */
export async function createPreview(request: JobRequest, options: CreateJobOptions): Promise<Job> {
  if (request.source.kind === 'manifest' && typeof request.source.manifest !== 'string')
    throw new RookeryError('USAGE', { detail: 'a list from stdin can only be read once: put it into a file' });
  const id = request.id ?? newJobId();
  if (!(await options.ledger.find(id, options.signal))) checkNewName(id);
  return draftOf(request, id, sourceOf(request.source, id), options);
}

/** Asked for by that word, the newest job is meant. */
function checkNewName(id: string): void {
  if (id === 'latest')
    throw new RookeryError('USAGE', { detail: '"latest" stands for the newest job: a job needs another name' });
}

async function draftOf(request: JobRequest, id: string, source: JobSource, options: CreateJobOptions): Promise<Job> {
  const since = await sinceOf(request, id, options);
  const draft: Job = {
    v: 1,
    id,
    createdAt: (options.now?.() ?? new Date()).toISOString(),
    source,
    pin: request.pin,
    top: request.top,
    taskSize: request.taskSize ?? 256,
    ...(since !== undefined && { since }),
    ...(request.tag && { tag: true }),
    ...(request.note !== undefined && { note: request.note }),
    ...(request.traceparent !== undefined && { traceparent: request.traceparent }),
  };
  return request.taskSize === undefined ? { ...draft, taskSize: await defaultTaskSize(draft, options) } : draft;
}

/** A new job that does again what failed in another, or was never done. @throws {RookeryError} JOB_NOT_FOUND, JOB_CONFLICT */
export async function createRetry(
  parentId: string,
  options: CreateJobOptions & { id?: string | undefined; traceparent?: string | undefined },
): Promise<MadeJob> {
  const { ledger, signal, now = () => new Date() } = options;
  const { since: _since, note: _note, traceparent: _trace, ...parent } = await ledger.read(parentId, signal);
  const id = options.id ?? newJobId(now());
  checkNewName(id);
  await putFeeding(ledger.store, id, { upTo: 0, owner: '', beat: 0 }, { ifAbsent: true, signal });
  const trace = options.traceparent === undefined ? {} : { traceparent: options.traceparent };
  return ledger.create({ ...parent, id, createdAt: now().toISOString(), parent: parentId, ...trace });
}

function sourceOf(source: RequestedSource, id: string): JobSource {
  if (source.kind !== 'manifest') return source;
  return { ...source, manifest: typeof source.manifest === 'string' ? source.manifest : jobLayout(id).manifest };
}

async function sinceOf(
  request: JobRequest,
  id: string,
  { ledger, signal }: CreateJobOptions,
): Promise<string | undefined> {
  if (request.since === undefined) return undefined;
  if (request.since === 'latest')
    return (await latestJob(ledger, sourceOf(request.source, id), request.pin, id, signal))?.id;
  const earlier = await ledger.read(request.since, signal);
  if (earlier.source.bucket !== request.source.bucket)
    throw new RookeryError('USAGE', {
      detail: `${earlier.id} is about ${earlier.source.bucket}: nothing of it can hold here`,
    });
  return earlier.id;
}

function sameJob(there: Job, request: JobRequest, source: JobSource): Job {
  const asked = { source, pin: request.pin, top: request.top, taskSize: request.taskSize ?? there.taskSize };
  for (const part of ['source', 'pin', 'top', 'taskSize'] as const)
    if (canonicalJson(asked[part]) !== canonicalJson(there[part]))
      throw new RookeryError('JOB_CONFLICT', { detail: `${there.id} has another ${part}` });
  return there;
}

/** Tasks that a small job is cut into, so that several workers have a few each. */
const fewTasks = 16;

/** Full tasks for a large source; a small one, told by looking at its beginning, is cut into sixteen. */
async function defaultTaskSize(job: Job, { ledger, open, signal: outer, lookMs }: CreateJobOptions): Promise<number> {
  const late = lookMs === undefined ? undefined : AbortSignal.timeout(lookMs);
  const signal = late && outer ? AbortSignal.any([late, outer]) : (late ?? outer);
  const enough = fewTasks * 256;
  const limit = job.source.filter.limit ?? Number.POSITIVE_INFINITY;
  let pictures = 0;
  const { since: _since, ...plain } = job;
  try {
    for await (const piece of jobEntries(plain, sourceStart, { ledger, open, signal })) {
      pictures = Math.min(limit, pictures + piece.length);
      if (pictures >= Math.min(enough, limit) || late?.aborted) break;
    }
  } catch (thrown) {
    if (!late?.aborted || outer?.aborted) throw thrown;
  }
  if (late?.aborted) return 256;
  return Math.min(256, Math.max(1, Math.ceil(pictures / fewTasks)));
}
