import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';

/** Counts requests by route, and says which one an answer belongs to. */
export function requestMetrics(app: ApiInstance, { counts, log }: ApiContext): void {
  app.addHook('onRequest', (request, reply, done) => {
    counts.inFlight(1);
    // A client that vanishes amid its answer ends the request without an onResponse.
    reply.raw.once('close', () => counts.inFlight(-1));
    void reply.header('x-request-id', request.id);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    const seconds = reply.elapsedTime / 1000;
    counts.request(route, request.method, reply.statusCode, seconds);
    if (log.isLevelEnabled('debug'))
      log.debug(
        {
          requestId: request.id,
          trace_id: request.span.traceId,
          method: request.method,
          route,
          status: reply.statusCode,
          seconds,
        },
        'answered',
      );
    done();
  });
}
