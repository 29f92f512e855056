import * as z from 'zod';

/** A process that labels pictures of jobs. */
const FleetWorker = z.object({
  id: z.string(),
  /** `embedded`: inside this service. */
  kind: z.enum(['embedded', 'remote']),
  state: z.enum(['starting', 'ready', 'draining', 'unknown']),
  model: z.string().nullable().describe('name@version of its warm model'),
  picturesPerSecond: z.number().nullable(),
  startedAt: z.iso.datetime().nullable(),
});

const FleetQueue = z.object({
  name: z.string(),
  ready: z.int().describe('tasks that wait'),
  delayed: z.int(),
  leased: z.int().describe('tasks with a worker'),
  dead: z.int().describe('tasks that were given up'),
});

/** Of the pictures answered at once, over one step of the series. */
const FleetPoint = z.object({
  at: z.iso.datetime(),
  picturesPerSecond: z.number(),
  p50Ms: z.number().nullable(),
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
    series: z.array(FleetPoint).describe('oldest first'),
  })
  .meta({ id: 'FleetFigures' });
export type FleetFigures = z.infer<typeof FleetFigures>;
