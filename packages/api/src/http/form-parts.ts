import type { Multipart } from '@fastify/multipart';
import { RookeryError } from '@rookery/contracts';
import type { FastifyRequest } from 'fastify';

/** The parts of a form as they come. @throws {RookeryError} REQUEST_INVALID where it is none; fastify's errors where it is too large. */
export async function* partsOf(request: FastifyRequest): AsyncGenerator<Multipart> {
  const parts = opened(request);
  for (;;) {
    const next = await parts.next().catch((thrown: unknown) => {
      throw malformed(thrown);
    });
    if (next.done) return;
    yield next.value;
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
