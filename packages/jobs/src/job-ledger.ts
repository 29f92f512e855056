import {
  canonicalJson,
  encodeResultLine,
  Job,
  JobId,
  JobSummary,
  jobLayout,
  type ResultLine,
  RookeryError,
  Sealed,
  TaskFile,
} from '@rookery/contracts';
import type { ObjectStore } from '@rookery/storage';
import { getJson, getOrNothing, jsonOptions } from './json-object.ts';
import { CancelWatch } from './marks/cancel-watch.ts';
import { feedingKey } from './marks/feeding.ts';
import { newestKey, putNewest } from './marks/newest-marks.ts';
import { PlanChunk, planFolder, planKey } from './plan-chunk.ts';

/** Of several who ask for the same job at once, one has made it: there `isNew` is true. */
export interface MadeJob {
  readonly job: Job;
  readonly isNew: boolean;
}

/**
 * Everything that is known of jobs, read from and written to one store; it holds nothing that another process could not read there.
 * Errors of all methods: those of the store, JOB_NOT_FOUND where a job is needed, INTERNAL where a document is not what it should be.
 */
export class JobLedger {
  readonly store: ObjectStore;
  readonly #cancelled: CancelWatch;

  /** `now` for tests. Milliseconds. */
  constructor(store: ObjectStore, now?: () => number) {
    this.store = store;
    this.#cancelled = new CancelWatch(store, now);
  }

  /**
   * Puts `job.json`. Where the job is there already and asks for the same (whenever that was, and in whichever trace), it is the same job and
   * comes back as it was made. @throws {RookeryError} JOB_CONFLICT where it asks for something else.
   */
  async create(job: Job): Promise<MadeJob> {
    Job.parse(job);
    await putNewest(this.store, job);
    if (
      (await this.store.put(jobLayout(job.id).job, JSON.stringify(job), { ifAbsent: true, ...jsonOptions })) ===
      'created'
    )
      return { job, isNew: true };
    const there = await this.read(job.id);
    if (asked(there) !== asked(job)) throw new RookeryError('JOB_CONFLICT', { detail: job.id });
    return { job: there, isNew: false };
  }

  async find(job: string, signal?: AbortSignal): Promise<Job | undefined> {
    if (!JobId.safeParse(job).success) return undefined;
    return getJson(this.store, jobLayout(job).job, Job, signal);
  }

  /** @throws {RookeryError} JOB_NOT_FOUND */
  async read(job: string, signal?: AbortSignal): Promise<Job> {
    const found = await this.find(job, signal);
    if (!found) throw new RookeryError('JOB_NOT_FOUND', { detail: job });
    return found;
  }

  /** Puts the next chunk of a job's plan where none is, and resolves to the one that counts: this one, or an earlier producer's. */
  async decide(job: string, firstSeq: number, chunk: PlanChunk, signal?: AbortSignal): Promise<PlanChunk> {
    const key = planKey(job, firstSeq);
    const put = await this.store.put(key, JSON.stringify(chunk), { ifAbsent: true, signal, ...jsonOptions });
    return put === 'created' ? chunk : ((await getJson(this.store, key, PlanChunk, signal)) ?? chunk);
  }

  /** The last chunk of a job's plan and the position of its first task; `undefined` where nothing is planned or all is sealed. */
  async lastDecision(job: string, signal?: AbortSignal): Promise<{ firstSeq: number; chunk: PlanChunk } | undefined> {
    let last: string | undefined;
    for await (const page of this.store.list(planFolder(job), { signal })) last = page.at(-1)?.key ?? last;
    if (last === undefined) return undefined;
    const chunk = await getJson(this.store, last, PlanChunk, signal);
    return chunk && { firstSeq: Number(last.slice(planFolder(job).length, -'.json'.length)), chunk };
  }

  /** Forgets the plan of a sealed job: its task files say the same. */
  async forgetPlan(job: string, signal?: AbortSignal): Promise<void> {
    await this.#deleteAll(planFolder(job), () => true, signal);
  }

  /** Puts a task file where none is, and resolves to the one that counts: it is never rewritten. */
  async putTask(job: string, file: TaskFile, signal?: AbortSignal): Promise<TaskFile> {
    const put = await this.store.put(jobLayout(job).task(file.seq), JSON.stringify(file), {
      ifAbsent: true,
      signal,
      ...jsonOptions,
    });
    return put === 'created' ? file : ((await this.findTask(job, file.seq, signal)) ?? file);
  }

  findTask(job: string, seq: number, signal?: AbortSignal): Promise<TaskFile | undefined> {
    return getJson(this.store, jobLayout(job).task(seq), TaskFile, signal);
  }

  /** @throws {RookeryError} OBJECT_NOT_FOUND */
  async readTask(job: string, seq: number, signal?: AbortSignal): Promise<TaskFile> {
    const file = await this.findTask(job, seq, signal);
    if (!file) throw new RookeryError('OBJECT_NOT_FOUND', { detail: jobLayout(job).task(seq) });
    return file;
  }

  /** Says that the last task is there. Resolves to what counts. */
  async seal(job: string, sealed: Sealed, signal?: AbortSignal): Promise<Sealed> {
    const put = await this.store.put(jobLayout(job).sealed, JSON.stringify(sealed), {
      ifAbsent: true,
      signal,
      ...jsonOptions,
    });
    return put === 'created' ? sealed : ((await this.findSealed(job, signal)) ?? sealed);
  }

  findSealed(job: string, signal?: AbortSignal): Promise<Sealed | undefined> {
    return getJson(this.store, jobLayout(job).sealed, Sealed, signal);
  }

  /** Puts the result of a task, one line per item in the order of the items. `exists` is success: the first writer wins. */
  writeResult(
    job: string,
    seq: number,
    lines: readonly ResultLine[],
    signal?: AbortSignal,
  ): Promise<'created' | 'exists'> {
    return this.store.put(jobLayout(job).result(seq), lines.map(encodeResultLine).join(''), {
      ifAbsent: true,
      contentType: 'application/jsonl',
      signal,
    });
  }

  /** Takes a result back that was written while its job was being deleted. `true` where the job is gone. */
  async forgetIfDeleted(job: string, seq: number, signal?: AbortSignal): Promise<boolean> {
    if (await this.store.head(jobLayout(job).job, signal)) return false;
    await this.store.delete([jobLayout(job).result(seq)], signal);
    return true;
  }

  async resultExists(job: string, seq: number, signal?: AbortSignal): Promise<boolean> {
    return (await this.store.head(jobLayout(job).result(seq), signal)) !== undefined;
  }

  /** The encoded lines of a task; `undefined` where it has no result yet. */
  findResult(job: string, seq: number, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    return getOrNothing(this.store, jobLayout(job).result(seq), signal);
  }

  findSummary(job: string, signal?: AbortSignal): Promise<JobSummary | undefined> {
    return getJson(this.store, jobLayout(job).summary, JobSummary, signal);
  }

  /** Resolves to the summary that counts: the first. */
  async putSummary(summary: JobSummary): Promise<JobSummary> {
    const key = jobLayout(summary.job).summary;
    const put = await this.store.put(key, JSON.stringify(summary), { ifAbsent: true, ...jsonOptions });
    return put === 'created' ? summary : ((await this.findSummary(summary.job)) ?? summary);
  }

  /** Whether the job's tasks should be dropped: it was cancelled, or is not there any more. Asked at most every 5 s per job. */
  isCancelled(job: string): Promise<boolean> {
    return this.#cancelled.isStopped(job);
  }

  /** As `isCancelled`, as of now. */
  isCancelledNow(job: string): Promise<boolean> {
    this.#cancelled.forget(job);
    return this.#cancelled.isStopped(job);
  }

  /** Workers drop its tasks within seconds; finished results stay. `reason` says why, for people. @throws {RookeryError} JOB_NOT_FOUND */
  async cancel(job: string, reason?: CancelReason): Promise<void> {
    await this.read(job);
    const body = reason === undefined ? '' : JSON.stringify(reason);
    await this.store.put(jobLayout(job).cancelled, body, { ifAbsent: true });
    this.#cancelled.forget(job);
  }

  /** When and why it was cancelled; `undefined` where it was not. */
  async findCancelled(job: string, signal?: AbortSignal): Promise<Cancelled | undefined> {
    try {
      const { body, lastModified } = await this.store.get(jobLayout(job).cancelled, { signal });
      return { at: lastModified, reason: body.byteLength === 0 ? undefined : reasonIn(body) };
    } catch (error) {
      if (error instanceof RookeryError && error.code === 'OBJECT_NOT_FOUND') return undefined;
      throw error;
    }
  }

  /**
   * Deletes the job with all its results. It is cancelled first, so that workers drop what is still enqueued, and its `job.json` goes
   * after all else: killed half-way, it can be done again. What a worker wrote meanwhile goes then; whoever writes later sees that the job
   * is gone and takes its result back. @throws {RookeryError} JOB_NOT_FOUND where nothing is left of it.
   */
  async delete(job: string, signal?: AbortSignal): Promise<void> {
    const layout = jobLayout(job);
    const found = await this.find(job, signal);
    if (!found) {
      if (!JobId.safeParse(job).success || !(await this.#anythingBelow(layout.root, signal)))
        throw new RookeryError('JOB_NOT_FOUND', { detail: job });
    }
    await this.store.put(layout.cancelled, '', { ifAbsent: true, signal });
    this.#cancelled.forget(job);
    await this.#deleteAll(layout.root, (key) => key !== layout.job && key !== layout.cancelled, signal);
    await this.store.delete([feedingKey(job)], signal);
    await this.store.delete([layout.job], signal);
    await this.#deleteAll(layout.root, (key) => key !== layout.cancelled, signal);
    await this.store.delete([layout.cancelled, ...(found ? [newestKey(found)] : [])], signal);
  }

  async #anythingBelow(prefix: string, signal?: AbortSignal): Promise<boolean> {
    for await (const page of this.store.list(prefix, { pageSize: 1, signal })) if (page.length > 0) return true;
    return false;
  }

  async #deleteAll(prefix: string, which: (key: string) => boolean, signal?: AbortSignal): Promise<void> {
    for await (const page of this.store.list(prefix, { signal })) {
      const keys = page.map(({ key }) => key).filter(which);
      if (keys.length > 0) await this.store.delete(keys, signal);
    }
  }
}

/** Why a job was cancelled where nobody asked for it: its pictures could not be listed. */
export interface CancelReason {
  readonly code: string;
  readonly message: string;
}

export interface Cancelled {
  /** By the store's clock. */
  readonly at: Date;
  readonly reason: CancelReason | undefined;
}

/** What stands in the object is for people: where it is not what it should be there is no reason. */
function reasonIn(body: Uint8Array): CancelReason | undefined {
  try {
    const { code, message } = JSON.parse(Buffer.from(body).toString('utf8')) as Partial<CancelReason>;
    return typeof code === 'string' && typeof message === 'string' ? { code, message } : undefined;
  } catch {
    return undefined;
  }
}

/** What was asked for, whoever did and when. */
const asked = ({ createdAt: _at, traceparent: _trace, ...job }: Job): string => canonicalJson(job);
