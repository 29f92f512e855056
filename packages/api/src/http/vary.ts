import type { FastifyReply } from 'fastify';

/** The answer depends on this header of its request, beside those that were said before (CORS names the origin). */
export function varyBy(reply: FastifyReply, field: string): void {
  void reply.header('vary', [reply.getHeader('vary') ?? [], field].flat().join(', '));
}
