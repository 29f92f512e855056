import { setMaxListeners } from 'node:events';
import { FleetFigures } from '@rookery/contracts';
import * as z from 'zod';
import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';
import { isInForce } from '../auth/caller.ts';
import { fleetMetrics } from '../fleet/fleet-metrics.ts';
import { EventStream } from '../http/event-stream.ts';
import { Seats } from '../http/seats.ts';
import { defaultJobLimits } from '../jobs/job-limits.ts';
import { callerOf } from './job-scope.ts';

const tags = ['Fleet'];

/** `/v1/fleet`: what goes on now and over the last minutes. */
export function fleetRoutes(app: ApiInstance, context: ApiContext): void {
  const { jobs, fleet: sampler, draining, auth } = context;
  const limits = { ...defaultJobLimits, ...jobs?.limits };
  const seats = new Seats({ what: 'streams of events', all: limits.streams, perCaller: limits.perCaller });
  fleetMetrics(context.metrics, () => sampler.figures());
  const stop = new AbortController();
  const closing = AbortSignal.any([draining, stop.signal]);
  // A listener for each stream.
  setMaxListeners(0, closing);
  app.addHook('onReady', async () => sampler.start());
  app.addHook('preClose', async () => stop.abort());
  app.addHook('onClose', async () => sampler[Symbol.asyncDispose]());

  app.get(
    '/v1/fleet',
    {
      config: { access: 'jobs' },
      schema: {
        operationId: 'getFleet',
        summary: 'What the fleet is doing',
        description: 'Queues, workers, and the last ten minutes a point every five seconds.',
        tags,
        response: { 200: FleetFigures },
      },
    },
    async () => sampler.figures(),
  );

  app.get(
    '/v1/fleet/events',
    {
      config: { access: 'jobs' },
      schema: {
        operationId: 'watchFleet',
        summary: 'Follow the fleet: server-sent events',
        description: `\`figures\` every five seconds: \`FleetFigures\` whose series has what is new since the event before, the first one what is new
since \`Last-Event-ID\`, or everything.`,
        tags,
        headers: z.object({ 'last-event-id': z.iso.datetime().optional().catch(undefined) }),
        produces: { 'text/event-stream': 'text' },
      },
    },
    async (request, reply) => {
      void reply.type('text/event-stream; charset=utf-8').header('cache-control', 'no-store');
      if (request.method === 'HEAD') return reply.send();
      const free = seats.take(callerOf(request));
      let last = request.headers['last-event-id'];
      let unfollow = (): void => {};
      const stream = new EventStream({
        heartbeatMs: limits.heartbeatMs,
        lifeMs: limits.streamMs,
        retryMs: 2_000,
        signal: closing,
        mayHear: () => isInForce(request.caller, auth),
        onClose: () => {
          unfollow();
          free();
        },
      });
      const tell = (): void =>
        stream.offer(() => {
          const figures = sampler.figures(last);
          last = figures.series.at(-1)?.at ?? last;
          return { event: 'figures', id: last ?? '', data: JSON.stringify(figures) };
        });
      unfollow = sampler.follow(tell);
      tell();
      return reply.header('x-accel-buffering', 'no').send(stream.body);
    },
  );
}
