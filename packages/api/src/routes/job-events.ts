import { type JobView, RookeryError } from '@rookery/contracts';
import * as z from 'zod';
import type { ApiInstance } from '../api-instance.ts';
import { isInForce } from '../auth/caller.ts';
import { EventStream, type ServerEvent } from '../http/event-stream.ts';
import { callerOf, type JobScope, jobParams } from './job-scope.ts';

/** Tells events apart: a job that has come no further has the same. */
const idOf = ({ state, tasks, pictures, failed, classes, refusal }: JobView): string =>
  [
    ...[state, tasks.done, tasks.planned, pictures.done, pictures.planned, failed ?? '', classes ? 'c' : ''],
    ...(refusal ? [`${refusal.refusing}-${refusal.workers}`] : []),
  ].join('.');

const hasEnded = ({ state, classes }: JobView): boolean =>
  state === 'cancelled' || (state === 'complete' && classes !== null);

const eventOf = (view: JobView): ServerEvent => ({
  event: hasEnded(view) ? 'end' : 'progress',
  id: idOf(view),
  data: JSON.stringify(view),
});

/** `/v1/jobs/{id}/events`: how far a job is, as it comes further. */
export function jobEventRoutes(app: ApiInstance, { jobs, closing, auth }: JobScope): void {
  app.get(
    '/v1/jobs/:id/events',
    {
      config: { access: 'jobs' },
      schema: {
        operationId: 'watchJob',
        summary: 'Follow a job: server-sent events',
        description: `\`progress\` each time it has come further, or workers say otherwise whether they can do it, \`end\` when it is complete or cancelled; the data of each is the whole
\`JobView\`, so that nothing is lost by missing one. After \`end\` the stream ends. With the \`Last-Event-ID\` of a job that has ended the answer is
204: an \`EventSource\` stops there.`,
        tags: ['Jobs'],
        params: jobParams,
        headers: z.object({ 'last-event-id': z.string().max(200).optional() }),
        produces: { 'text/event-stream': 'text' },
        also: { 204: 'empty' },
      },
    },
    async (request, reply) => {
      const { followers, streams, limits } = jobs();
      const follower = await followers.of(request.params.id);
      const first = await followers.view(request.params.id, 1_000);
      let last = request.headers['last-event-id'];
      if (hasEnded(first) && last === idOf(first)) return reply.code(204).send();
      if (request.method === 'HEAD') return reply.type('text/event-stream').send();
      const free = streams.take(callerOf(request));
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
      const tell = (view: JobView | RookeryError): void => {
        // It was deleted.
        if (view instanceof RookeryError) {
          stream.end();
          return;
        }
        if (idOf(view) !== last) {
          last = idOf(view);
          stream.offer(() => eventOf(view));
        }
        if (hasEnded(view)) stream.end();
      };
      tell(first);
      if (!hasEnded(first)) unfollow = follower.follow(tell);
      return reply
        .type('text/event-stream; charset=utf-8')
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
        .send(stream.body);
    },
  );
}
