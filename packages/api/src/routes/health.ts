import { RookeryError } from '@rookery/contracts';
import * as z from 'zod';
import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';

const Health = z.object({ status: z.literal('ok') }).meta({ id: 'Health' });

/** `/health/live`: the process answers. `/health/ready`: the model is warm and the service is not shutting down. */
export function healthRoutes(app: ApiInstance, { models, draining }: ApiContext): void {
  const tags = ['Health'];
  app.get(
    '/health/live',
    {
      config: { access: 'public', rateLimit: false },
      schema: { operationId: 'isLive', summary: 'Whether the process answers', tags, response: { 200: Health } },
    },
    async () => ({ status: 'ok' as const }),
  );
  app.get(
    '/health/ready',
    {
      config: { access: 'public', rateLimit: false },
      schema: { operationId: 'isReady', summary: 'Whether the model is warm', tags, response: { 200: Health } },
    },
    async () => {
      if (draining.aborted) throw new RookeryError('OVERLOADED', { detail: 'the service is shutting down' });
      if (!models.ready) throw new RookeryError('OVERLOADED', { detail: 'the model is not warm yet' });
      return { status: 'ok' as const };
    },
  );
}
