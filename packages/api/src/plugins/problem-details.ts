import type { Socket } from 'node:net';
import { RookeryError } from '@rookery/contracts';
import type { Logger } from '@rookery/telemetry';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';
import { allowedMethods } from '../http/allowed-methods.ts';
import { problemOf, problemType, rookeryErrorOf } from '../http/problem.ts';
import { ofHttp, statusOf } from '../http/status.ts';

/** Every error becomes a problem document, unknown addresses too. What went wrong inside is logged under the request's id. */
export function problemDetails(app: ApiInstance, { log }: ApiContext): void {
  app.setErrorHandler((raised: FastifyError, request, reply) => {
    // What is wrong with a body does not matter where nobody would read it.
    const isOfBody = request.is404 && !(raised instanceof RookeryError);
    const thrown = isOfBody ? nothingHere(app, request, reply) : raised;
    const error = rookeryErrorOf(thrown);
    const status = statusOf(error.code);
    const ids = { requestId: request.id, trace_id: request.span.traceId };
    // Nobody is left to be told.
    if (error.code === 'ABORTED' && request.raw.destroyed) log.debug(ids, 'the client has gone');
    else if (status >= 500 && !error.retryable)
      log.error({ err: error, ...ids, route: request.routeOptions.url }, 'a request failed');
    else if (error.code !== 'OVERLOADED' && status >= 500)
      log.warn({ err: error, ...ids, route: request.routeOptions.url }, 'a request failed');
    return sendProblem(thrown, request, reply, raised.validationContext);
  });
  app.setNotFoundHandler((request, reply) => {
    throw nothingHere(app, request, reply);
  });
}

/** There is no such address, or it does not answer to this method. */
function nothingHere(app: ApiInstance, request: FastifyRequest, reply: FastifyReply): RookeryError {
  const methods = allowedMethods(app, pathOf(request));
  if (methods.length === 0)
    return new RookeryError('ROUTE_NOT_FOUND', { detail: `${request.method} ${pathOf(request)}` });
  void reply.header('allow', methods.join(', '));
  return new RookeryError('METHOD_NOT_ALLOWED', { detail: `${request.method}; allowed: ${methods.join(', ')}` });
}

/** Answers with the problem document of an error, for whoever has to answer outside of a handler. */
export function sendProblem(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  part?: string,
): FastifyReply {
  const error = rookeryErrorOf(thrown);
  const problem = problemOf(thrown, { requestId: request.id, path: pathOf(request), part });
  if (error.retryAfterMs !== undefined) void reply.header('retry-after', String(Math.ceil(error.retryAfterMs / 1000)));
  // Its body may come or not: nobody can tell where the next request begins.
  if (request.headers.expect !== undefined) void reply.header('connection', 'close');
  if (error.code === 'UNAUTHENTICATED') void reply.header('www-authenticate', 'Bearer realm="rookery"');
  return reply.code(problem.status).header('x-request-id', request.id).type(problemType).send(JSON.stringify(problem));
}

/**
 * What Node's parser could not read as a request: there is no route, no header, perhaps not even a method. `requestId` is in the answer and in
 * the log.
 */
export function answerUnreadable(
  thrown: Error & { code?: string },
  socket: Socket,
  { requestId, log }: { readonly requestId: string; readonly log: Logger },
): void {
  if (thrown.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const error = ofHttp(thrown) ?? new RookeryError('REQUEST_INVALID', { cause: thrown });
  log.debug({ err: error, requestId }, 'what came is no request');
  const problem = problemOf(error, { requestId });
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} ${reasons[problem.status] ?? 'Error'}\r\ncontent-type: ${problemType}\r\n` +
      `x-request-id: ${requestId}\r\nx-content-type-options: nosniff\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  413: 'Content Too Large',
  431: 'Request Header Fields Too Large',
};

const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? '';
