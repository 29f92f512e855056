import type { ScalingConfig } from '../policy/scaling-config.ts';
import type { Arrival } from './trace.ts';

/** What is simulated. */
export interface Simulation {
  readonly config: ScalingConfig;
  readonly arrivals: readonly Arrival[];
  /** Of one worker, warm. */
  readonly picturesPerSecond: number;
  /** @default 256 */
  readonly picturesPerTask?: number | undefined;
  /** From the decision to a warm model: a place, the image, the process. @default 45 s, as Fargate takes */
  readonly startupMs?: number | undefined;
  /** How old what is decided on is. @default 60 s, as CloudWatch's figures of SQS are */
  readonly metricDelayMs?: number | undefined;
  /** Relative spread of durations; 0: none. @default 0.1 */
  readonly spread?: number | undefined;
  /** @default 1 */
  readonly seed?: number | undefined;
}

export interface Sample {
  readonly atMs: number;
  /** Tasks that nobody works on. */
  readonly waiting: number;
  readonly leased: number;
  readonly running: number;
  readonly starting: number;
}

export interface SimulationResult {
  readonly pictures: number;
  readonly tasks: number;
  /** From the first arrival to the last result. */
  readonly completionMs: number;
  /** From a task's arrival to its result, over all tasks. */
  readonly waitMs: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number };
  /** Paid for: from a worker's start to its end. */
  readonly workerMs: number;
  /** Of which something was computed. */
  readonly busyMs: number;
  readonly mostWorkers: number;
  /** Share of what is paid in which nothing is computed: starting, waiting for work or for the cooldown. */
  readonly idleShare: number;
  readonly starts: number;
  readonly samples: readonly Sample[];
}
