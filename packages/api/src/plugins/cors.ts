import fastifyCors from '@fastify/cors';
import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';

/** Pages of other origins may call where their origin was asked for; with a key, never with a session. */
export async function cors(app: ApiInstance, { corsOrigins = [] }: ApiContext): Promise<void> {
  if (corsOrigins.length === 0) return;
  await app.register(fastifyCors, {
    origin: [...corsOrigins],
    methods: ['GET', 'HEAD', 'POST', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'request-timeout', 'x-api-key', 'x-request-id', 'last-event-id'],
    exposedHeaders: ['x-request-id', 'retry-after'],
    credentials: false,
    maxAge: 3_600,
  });
}
