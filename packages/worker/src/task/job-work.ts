import {
  type Job,
  pinDigest,
  type ResultLine,
  RookeryError,
  type Task,
  type TaskFile,
  type TaskItem,
} from '@rookery/contracts';
import { type JobLedger, mergeLines, workOf } from '@rookery/jobs';
import { Cached } from '../model/cached.ts';
import type { StoreGuard } from '../store-guard.ts';
import type { Work } from './work.ts';

/** `job.json` never changes; a worker rarely serves more jobs than this at a time. */
const remembered = { forMs: 60_000, keys: 100 };

/** A task that belongs to a job. */
export type JobTask = Task & { readonly job: string; readonly seq: number };

export const isJobTask = (task: Task): task is JobTask => task.job !== undefined && task.seq !== undefined;

export interface JobWorksOptions {
  readonly ledger: JobLedger;
  readonly guard: StoreGuard;
  /** Of writing: a store that is full still answers. */
  readonly writes: StoreGuard;
  /** Called when a result was written. */
  readonly onResult: (job: string, seq: number) => void;
}

/** What the tasks of jobs ask for: their items from the job's task file, their lines to the job's results. */
export class JobWorks {
  readonly #options: JobWorksOptions;
  readonly #jobs: Cached<{ readonly job: Job; readonly model: string }>;

  constructor(options: JobWorksOptions) {
    this.#options = options;
    const { ledger, guard } = options;
    this.#jobs = new Cached(async (id, signal) => {
      const job = await guard.run(() => ledger.read(id, signal), signal);
      return { job, model: pinDigest(job.pin) };
    }, remembered);
  }

  /** Whether the job still wants its tasks done: it was neither cancelled nor deleted. Known at most 5 s late. */
  async isWanted({ job }: JobTask, signal: AbortSignal): Promise<boolean> {
    const { ledger, guard } = this.#options;
    return !(await guard.run(() => ledger.isCancelled(job), signal));
  }

  /** @throws {RookeryError} TASK_MALFORMED where the message contradicts the job: it can never be done. JOB_NOT_FOUND. */
  async check(task: JobTask, signal: AbortSignal): Promise<void> {
    const { job, model } = await this.#jobs.get(task.job, signal);
    if (model === pinDigest(task.pin) && job.source.bucket === task.bucket && job.top === task.top) return;
    throw new RookeryError('TASK_MALFORMED', { detail: `job ${task.job} asks for something else` });
  }

  /**
   * `undefined` where nothing is left to do: the result is there (looked for where the task may have been done before).
   * @throws {RookeryError} TASK_MALFORMED where the job has no such task, JOB_NOT_FOUND where it is being deleted.
   */
  async open(task: JobTask, mayBeDone: boolean, signal: AbortSignal): Promise<Work | undefined> {
    const { ledger, guard, writes, onResult } = this.#options;
    const isDone = () => guard.run(() => ledger.resultExists(task.job, task.seq, signal), signal);
    if (mayBeDone && (await isDone())) return undefined;
    const { job } = await this.#jobs.get(task.job, signal);
    // Whatever items the message holds: a dead letter has the one picture that ended a process, and anybody may have sent others. The
    // file says which lines the result must have, no more and no fewer.
    const file = await this.#taskFile(task, signal);
    return {
      items: workOf(file),
      tag: job.tag === true,
      finish: async (made, untilAborted) => {
        const lines = mergeLines(file, made);
        const { job, seq } = task;
        const written = await writes.run(() => ledger.writeResult(job, seq, lines, untilAborted), untilAborted);
        // Found later, it would be taken for the result of another job of this name.
        const isGone = () => guard.run(() => ledger.forgetIfDeleted(job, seq, untilAborted), untilAborted);
        if (written === 'created' && (await isGone())) throw new RookeryError('JOB_NOT_FOUND', { detail: job });
        onResult(task.job, task.seq);
        return [];
      },
      isDone,
    };
  }

  /** Writes the result of a task that is going to be buried: a line with the reason for each item that has none. */
  async refuse(task: JobTask, line: (item: TaskItem) => ResultLine, signal: AbortSignal): Promise<void> {
    const work = await this.open(task, false, signal);
    await work?.finish(work.items.map(line), signal);
  }

  async #taskFile({ job, seq }: JobTask, signal: AbortSignal): Promise<TaskFile> {
    const { ledger, guard } = this.#options;
    try {
      return await guard.run(() => ledger.readTask(job, seq, signal), signal);
    } catch (cause) {
      if (!(cause instanceof RookeryError) || cause.code !== 'OBJECT_NOT_FOUND') throw cause;
      if (await guard.run(() => ledger.isCancelledNow(job), signal))
        throw new RookeryError('JOB_NOT_FOUND', { detail: job, cause });
      throw new RookeryError('TASK_MALFORMED', { detail: `job ${job} has no task ${seq}`, cause });
    }
  }
}
