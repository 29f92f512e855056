import fastifyCors from '@fastify/cors';
import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';

/** Pages of other origins may call where their origin was asked for; with a key, never with a session. */
export async function cors(app: ApiInstance, { corsOrigins = [] }: ApiContext): Promise<void> {
  if (corsOrigins.length === 0) return;
  await app.register(fastifyCors, {
    origin: [...corsOrigins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    allowedHeaders: [
      'authorization',
      'content-type',
      'idempotency-key',
      'if-none-match',
      'if-range',
      'inference-header-content-length',
      'last-event-id',
      'range',
      'request-timeout',
      'traceparent',
      'x-api-key',
      'x-request-id',
    ],
    exposedHeaders: [
      'accept-ranges',
      'content-disposition',
      'content-range',
      'etag',
      'inference-header-content-length',
      'location',
      'retry-after',
      'x-request-id',
    ],
    credentials: false,
    maxAge: 3_600,
  });
}
