import type { ScalingConfig } from '../policy/scaling-config.ts';

/** From this backlog on there are to be so many workers. */
export interface BacklogStep {
  readonly from: number;
  readonly workers: number;
}

/** The most that a step scaling policy may have. */
const mostSteps = 20;

/**
 * How many workers a fleet starts with that had none, as steps of the backlog: exactly what the policy wants as far as steps reach, and more
 * coarsely, never with too few, beyond. The last step is the maximum.
 */
export function startSteps({ maxWorkers, backlogPerWorker }: ScalingConfig): BacklogStep[] {
  const sizes =
    maxWorkers <= mostSteps
      ? Array.from({ length: maxWorkers }, (_, at) => at + 1)
      : [...new Set(Array.from({ length: mostSteps }, (_, at) => Math.round(maxWorkers ** (at / (mostSteps - 1)))))];
  // A step begins where the one before it would be too small.
  const steps = sizes.map((workers, at) => ({
    from: at === 0 ? 1 : Math.floor((sizes[at - 1] ?? 0) * backlogPerWorker) + 1,
    workers,
  }));
  // Where a task wants more than one worker several begin at once: the largest is meant.
  return steps.filter(({ from }, at) => from !== steps[at + 1]?.from);
}
