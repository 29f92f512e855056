import type { IncomingMessage } from 'node:http';
import { RookeryError } from '@rookery/contracts';
import type { FastifyRequest } from 'fastify';
import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';
import { PictureWork } from '../serving/picture-work.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of the routes that label pictures. */
    work: PictureWork;
  }
}

/**
 * For a scope whose routes label pictures: each request is let in or turned away before its body is read, has a deadline
 * (`Request-Timeout`, seconds), and gives its work up when its client vanishes.
 */
export function pictureRequests(app: ApiInstance, { admission, counts, limits }: ApiContext): void {
  app.decorateRequest('work');
  app.addHook('onRequest', (request, reply, done) => {
    const timeoutMs = Math.min(limits.requestMs, timeoutOf(request));
    const work = new PictureWork({ admission, counts, timeoutMs, span: request.span });
    request.work = work;
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) work.abandon(new RookeryError('ABORTED', { detail: 'the client has gone' }));
      work[Symbol.dispose]();
    });
    done();
  });
}

/** The announced length of a body. */
export function lengthOf({ headers }: Pick<IncomingMessage, 'headers'>): number | undefined {
  const length = headers['content-length'];
  return length === undefined ? undefined : Number(length);
}

function timeoutOf({ headers }: FastifyRequest): number {
  const given = headers['request-timeout'];
  if (given === undefined) return Number.POSITIVE_INFINITY;
  const seconds = typeof given === 'string' && /^\d{1,6}(\.\d{1,6})?$/.test(given) ? Number(given) : 0;
  if (seconds > 0) return seconds * 1000;
  throw new RookeryError('REQUEST_INVALID', { detail: 'Request-Timeout must be a number of seconds, such as 2.5' });
}
