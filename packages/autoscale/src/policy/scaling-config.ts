import * as z from 'zod';

/*
 * Terms
 *
 * - backlog: tasks that wait or are being worked on.
 * - backlog per worker: backlog divided by the workers that run; what is kept near a target.
 * - cooldown: how long after a change no further change in that direction is made.
 */

/** How a fleet of workers is scaled: the same object for infrastructure, simulator and local fleet. */
export const ScalingConfig = z
  .strictObject({
    /** 0: nothing runs while nothing waits. */
    minWorkers: z.int().min(0).max(10_000).default(0),
    maxWorkers: z.int().min(1).max(10_000).default(10),
    /** Tasks a worker should have before it: more make the fleet grow. */
    backlogPerWorker: z.number().positive().max(100_000).default(8),
    /** How often it is decided. CloudWatch's metrics of SQS come once a minute. */
    periodMs: z.int().min(100).max(3_600_000).default(60_000),
    /** After the fleet has grown. */
    scaleOutCooldownMs: z.int().min(0).max(86_400_000).default(60_000),
    /** After the fleet has changed in either direction. */
    scaleInCooldownMs: z.int().min(0).max(86_400_000).default(300_000),
    /** Workers added by one decision, at most; one that starts from zero adds as many, too. */
    maxStep: z.int().min(1).max(10_000).default(10_000),
    /** The share of a fleet that one decision may take away. */
    maxShrink: z.number().gt(0).max(1).default(0.5),
  })
  .refine(({ minWorkers, maxWorkers }) => minWorkers <= maxWorkers, {
    error: 'minWorkers is more than maxWorkers',
    path: ['minWorkers'],
  });
export type ScalingConfig = z.infer<typeof ScalingConfig>;

/** Fleets that people start with. */
export const scalingPresets = {
  /** A few processors, up at once, gone within minutes. */
  small: ScalingConfig.parse({ maxWorkers: 4 }),
  /** Many cheap processors that may be taken away: grows in larger steps, since Spot capacity comes when it comes. */
  spot: ScalingConfig.parse({ maxWorkers: 50, backlogPerWorker: 4 }),
  /** Few, fast, dear, slow to start: a longer backlog before another one is started, and a longer wait before one is let go. */
  gpu: ScalingConfig.parse({ maxWorkers: 4, backlogPerWorker: 32, scaleInCooldownMs: 900_000 }),
} as const satisfies Record<string, ScalingConfig>;
export type PresetName = keyof typeof scalingPresets;

export interface TargetRequest {
  /** Of one worker. */
  readonly picturesPerSecond: number;
  readonly picturesPerTask: number;
  /** How long a task may wait for its turn. */
  readonly waitMs: number;
}

/** The backlog per worker at which a task waits about so long. At least one task. */
export const backlogFor = ({ picturesPerSecond, picturesPerTask, waitMs }: TargetRequest): number =>
  Math.max(1, (picturesPerSecond * waitMs) / 1000 / picturesPerTask);
