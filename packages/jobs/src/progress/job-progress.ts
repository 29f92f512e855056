import type { Job, Sealed } from '@rookery/contracts';

export interface JobProgress {
  readonly job: string;
  /** `planning`: not sealed, tasks may still be added. */
  readonly state: 'planning' | 'running' | 'complete' | 'cancelled';
  /** `planned`: known so far; all of them once sealed. */
  readonly tasks: { readonly done: number; readonly planned: number };
  /** `planned`: known so far; all of them once sealed. */
  readonly pictures: { readonly done: number; readonly planned: number };
  /** Pictures with an error among those done; `undefined` where nobody asked to read the results. */
  readonly failed: number | undefined;
  /** Over the last minute while it runs, over all of it once complete. */
  readonly picturesPerSecond: number;
  /** Until the last result, at that speed; `undefined` while that is not known. */
  readonly leftMs: number | undefined;
  /** Times of the store's objects. */
  readonly submittedAt: Date;
  readonly firstResultAt: Date | undefined;
  readonly lastResultAt: Date | undefined;
}

/** Pictures of a task, from the sizes alone: every task but the last is full. */
export function picturesOf(job: Job, sealed: Sealed | undefined, seq: number): number {
  if (!sealed || seq < sealed.tasks - 1) return job.taskSize;
  return sealed.pictures - job.taskSize * (sealed.tasks - 1);
}
