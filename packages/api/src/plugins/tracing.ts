import { noSpan, noTracer, type Span } from '@rookery/telemetry';
import type { FastifyRequest } from 'fastify';
import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The request's own; what is done for it goes below. */
    span: Span;
  }
}

/** What only reads is asked for all the time, by pages and probes, and is measured without being traced. */
const readOnly = new Set(['GET', 'HEAD', 'OPTIONS']);

/** A span for each request that asks for work, in the trace of whoever sent it (`traceparent`). */
export function tracing(app: ApiInstance, { tracer }: ApiContext): void {
  app.decorateRequest('span');
  if (tracer === noTracer) {
    app.addHook('onRequest', (request, _reply, done) => {
      request.span = noSpan;
      done();
    });
    return;
  }
  /** Codes of the errors that requests ended with. */
  const errors = new WeakMap<FastifyRequest, string>();
  app.addHook('onRequest', (request, reply, done) => {
    request.span = noSpan;
    const route = request.is404 ? undefined : request.routeOptions.url;
    if (readOnly.has(request.method) || route === undefined) return done();
    const { traceparent } = request.headers;
    const span = tracer.start(`${request.method} ${route}`, {
      kind: 'server',
      parent: typeof traceparent === 'string' ? traceparent : undefined,
      attributes: {
        'http.request.method': request.method,
        'http.route': route,
        'url.path': pathOf(request),
        'url.scheme': request.protocol,
        'server.address': request.hostname,
        'network.protocol.version': request.raw.httpVersion,
        'http.request.body.size': Number(request.headers['content-length']) || undefined,
        'rookery.request_id': request.id,
      },
    });
    request.span = span;
    // Also where the client vanishes amid its answer, which no other hook tells.
    reply.raw.once('close', () => {
      const { statusCode, writableFinished } = reply.raw;
      if (!writableFinished) span.fail('ABORTED');
      else {
        span.set({ 'http.response.status_code': statusCode });
        // Of a server only what it has to answer for is an error.
        if (statusCode >= 500) span.fail(errors.get(request) ?? String(statusCode));
      }
      span.end();
    });
    done();
  });
  app.addHook('onError', (request, _reply, error, done) => {
    errors.set(request, error.code);
    done();
  });
}

const pathOf = ({ url }: FastifyRequest): string => url.split('?', 1)[0] ?? url;
