import * as z from 'zod';
import { Digest } from '../digest.ts';

/** `unknown`: there is no reference window, or too few pictures came yet. */
const DriftState = z.enum(['unknown', 'stable', 'drifting']);

/** A process that labels pictures of jobs. */
export const FleetWorker = z.object({
  id: z.string(),
  /** `embedded`: inside this service. */
  kind: z.enum(['embedded', 'remote']),
  state: z.enum(['starting', 'ready', 'draining', 'unknown']),
  model: z.string().nullable().describe('name@version of its warm model'),
  picturesPerSecond: z.number().nullable().describe('between its last two signs of life'),
  p50Ms: z.number().nullable().describe('of a picture inside its classifier, lately; null where there were none'),
  p95Ms: z.number().nullable(),
  startedAt: z.iso.datetime().nullable(),
  drift: DriftState.nullable().describe('whether what its models answer still looks like their references'),
});
export type FleetWorker = z.infer<typeof FleetWorker>;

/**
 * `jobs/.fleet/<worker>.json`: a worker's sign of life, put every ten seconds while it works, every minute while nothing changes, and
 * deleted when it stops.
 */
export const WorkerBeat = z.object({
  v: z.literal(1),
  id: z.string(),
  startedAt: z.iso.datetime(),
  /** Since it started, by a clock that does not jump. */
  uptimeMs: z.number(),
  state: z.enum(['starting', 'ready', 'draining']),
  model: z.string().nullable(),
  /** Lines written since it started. */
  pictures: z.int(),
  p50Ms: z.number().nullable(),
  p95Ms: z.number().nullable(),
  /** Workers of before did not say. */
  drift: DriftState.nullable().default(null),
  /** Pins that tasks asked for and that it cannot run: it gives those tasks back, for another worker. A few of the latest. */
  cannot: z.array(z.object({ pin: Digest, why: z.string() })).default([]),
});
export type WorkerBeat = z.infer<typeof WorkerBeat>;

/** A worker that is well gives a sign every minute at least: after so long it may be gone. */
export const lateBeatMs = 150_000;

const FleetQueue = z.object({
  name: z.string(),
  ready: z.int().describe('tasks that wait'),
  delayed: z.int(),
  leased: z.int().describe('tasks with a worker'),
  dead: z.int().describe('tasks that were given up'),
  oldestMs: z
    .number()
    .nullable()
    .describe(
      'how long the task that comes next has waited; null where none waits, and where the queue does not say: SQS',
    ),
});

/** What went on over one step of the series. */
const FleetPoint = z.object({
  at: z.iso.datetime(),
  picturesPerSecond: z.number().describe('answered at once by this service, and by all workers that it knows of'),
  p50Ms: z.number().nullable().describe('of the pictures answered at once; null where there were none'),
  p95Ms: z.number().nullable(),
  waiting: z.int().describe('pictures waiting inside the service, and tasks in its queues'),
});

/** The answer of `GET /v1/fleet`: what goes on now and over the last minutes. */
export const FleetFigures = z
  .object({
    at: z.iso.datetime(),
    startedAt: z.iso.datetime().describe('of this service'),
    version: z.string(),
    workers: z.array(FleetWorker).nullable().describe('null where the queue cannot tell who listens'),
    queues: z.array(FleetQueue),
    dashboard: z.string().nullable().describe("path of the queue's own dashboard, for admins"),
    stepMs: z.int().describe('time from one point to the next'),
    series: z.array(FleetPoint).describe('oldest first; in the stream of events only what is new'),
  })
  .meta({ id: 'FleetFigures' });
export type FleetFigures = z.infer<typeof FleetFigures>;
