import { type Job, type JobRefusal, type JobSummary, type JobView, pinDigest } from '@rookery/contracts';
import type { CancelReason, JobProgress } from '@rookery/jobs';

/** Pictures that could not be labelled, by error code, as far as results have been read. */
export interface CountedErrors {
  readonly failed: number;
  readonly errors: Readonly<Record<string, number>>;
}

const about = (job: Job) => ({
  id: job.id,
  createdAt: job.createdAt,
  source: job.source,
  model: { ...job.pin.model, digest: pinDigest(job.pin) },
  top: job.top,
  since: job.since ?? null,
  parent: job.parent ?? null,
  note: job.note ?? null,
});

/** A job that is complete. */
export function viewOfSummary(job: Job, summary: JobSummary): JobView {
  const { tasks, pictures, failed, errors, classes, submittedAt, firstResultAt, lastResultAt } = summary;
  const tookMs = lastResultAt === null ? 0 : Date.parse(lastResultAt) - Date.parse(submittedAt);
  return {
    ...about(job),
    state: 'complete',
    reason: null,
    refusal: null,
    tasks: { done: tasks, planned: tasks },
    pictures: { done: pictures, planned: pictures },
    failed,
    errors,
    classes,
    picturesPerSecond: (pictures * 1_000) / Math.max(1_000, tookMs),
    leftMs: 0,
    firstResultAt,
    lastResultAt,
  };
}

/** A job that was made a moment ago: nothing has to be looked at. */
export const viewOfNew = (job: Job): JobView =>
  viewOfProgress(
    job,
    {
      job: job.id,
      state: 'planning',
      tasks: { done: 0, planned: 0 },
      pictures: { done: 0, planned: 0 },
      failed: undefined,
      picturesPerSecond: 0,
      leftMs: undefined,
      submittedAt: new Date(job.createdAt),
      firstResultAt: undefined,
      lastResultAt: undefined,
    },
    {},
  );

/** A job by what was seen of it. */
export function viewOfProgress(
  job: Job,
  progress: JobProgress,
  {
    counted,
    reason,
    refusal,
  }: {
    readonly counted?: CountedErrors | undefined;
    readonly reason?: CancelReason | undefined;
    readonly refusal?: JobRefusal | null;
  },
): JobView {
  const { state, tasks, pictures, picturesPerSecond, leftMs, firstResultAt, lastResultAt } = progress;
  return {
    ...about(job),
    state,
    reason: reason ?? null,
    refusal: refusal ?? null,
    tasks,
    pictures,
    failed: counted?.failed ?? null,
    errors: counted ? { ...counted.errors } : null,
    classes: null,
    picturesPerSecond,
    leftMs: leftMs ?? null,
    firstResultAt: firstResultAt?.toISOString() ?? null,
    lastResultAt: lastResultAt?.toISOString() ?? null,
  };
}
