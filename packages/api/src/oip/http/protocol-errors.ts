import { RookeryError } from '@rookery/contracts';
import type { FastifyError } from 'fastify';
import type { ApiContext } from '../../api-context.ts';
import type { ApiInstance } from '../../api-instance.ts';
import { allowedMethods } from '../../http/allowed-methods.ts';
import { rookeryErrorOf } from '../../http/problem.ts';
import { logFailure } from '../log-failure.ts';
import { protocolMessage, protocolStatus } from '../protocol-error.ts';

/** Below `/v2` errors look as the protocol wants them: `{"error": "..."}`, unknown addresses too. */
export function protocolErrors(app: ApiInstance, { log }: Pick<ApiContext, 'log'>): void {
  app.setErrorHandler((thrown: FastifyError, request, reply) => {
    const error = rookeryErrorOf(thrown);
    logFailure(log, error, {
      requestId: request.id,
      route: request.routeOptions.url,
      clientGone: request.raw.destroyed,
    });
    const { code, retryAfterMs } = error;
    if (retryAfterMs !== undefined) void reply.header('retry-after', String(Math.ceil(retryAfterMs / 1000)));
    if (code === 'UNAUTHENTICATED') void reply.header('www-authenticate', 'Bearer realm="rookery"');
    return reply
      .code(protocolStatus(error))
      .type('application/json; charset=utf-8')
      .send(JSON.stringify({ error: protocolMessage(error) }));
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const methods = allowedMethods(app, path);
    if (methods.length === 0) throw new RookeryError('ROUTE_NOT_FOUND', { detail: `${request.method} ${path}` });
    void reply.header('allow', methods.join(', '));
    throw new RookeryError('METHOD_NOT_ALLOWED', { detail: `${request.method}; allowed: ${methods.join(', ')}` });
  });
}
