import type { FastifyMultipartBaseOptions, Multipart } from '@fastify/multipart';
import { RookeryError } from '@rookery/contracts';
import type { FastifyRequest } from 'fastify';

/** For the parser of forms that hold pictures. */
export const pictureForms = {
  throwFileSizeLimit: false,
  // More than one read of a connection: a part that nobody takes, and that ends within the read that it began in, would stop it for good.
  fileHwm: 131_072,
  /** Also a part that is said to be a picture and has no name of a file. */
  isPartAFile: (_name: string | undefined, type: string | undefined, filename: string | undefined): boolean =>
    filename !== undefined || type === 'application/octet-stream' || type?.startsWith('image/') === true,
} satisfies FastifyMultipartBaseOptions;

/**
 * The parts of a form as they come, for as long as the request's work goes on. What is left of a form that is given up half-way is read and
 * dropped: a client that sends all before it listens would otherwise never hear the answer.
 * @throws {RookeryError} REQUEST_INVALID where it is none, TIMED_OUT, ABORTED; fastify's errors where it is too large.
 */
export async function* partsOf(request: FastifyRequest): AsyncGenerator<Multipart> {
  const { signal } = request.work;
  let abort = (): void => {};
  const over = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
  });
  over.catch(() => undefined);
  try {
    const parts = opened(request);
    for (;;) {
      const next = await Promise.race([parts.next(), over]).catch((thrown: unknown) => {
        throw malformed(thrown);
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', abort);
    if (!request.raw.readableEnded) request.raw.unpipe().resume();
  }
}

function opened(request: FastifyRequest): AsyncIterator<Multipart> {
  try {
    return request.parts();
  } catch (thrown) {
    throw malformed(thrown);
  }
}

/** What the parser of forms throws has no code. */
function malformed(thrown: unknown): unknown {
  if (thrown instanceof RookeryError || (thrown instanceof Error && 'statusCode' in thrown)) return thrown;
  if ((thrown as NodeJS.ErrnoException).code === 'ECONNRESET') return new RookeryError('ABORTED', { cause: thrown });
  return new RookeryError('REQUEST_INVALID', { detail: 'the form is malformed', cause: thrown });
}
