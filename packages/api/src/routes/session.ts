import { RookeryError, Session, SessionRequest } from '@rookery/contracts';
import type { FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';
import { sessionCookie } from '../auth/sessions.ts';

const tags = ['Session'];

/** `/v1/session`: a page exchanges a key for a cookie that no script can read. */
export function sessionRoutes(app: ApiInstance, { auth, sessions }: ApiContext): void {
  const cookie = (request: FastifyRequest) =>
    ({ path: '/', httpOnly: true, sameSite: 'strict', secure: request.protocol === 'https' }) as const;

  app.get(
    '/v1/session',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getSession',
        summary: 'Who is asking, and what they may do',
        tags,
        response: { 200: Session },
      },
    },
    async (request) => sessionOf(request, auth.kind !== 'off'),
  );

  app.post(
    '/v1/session',
    {
      config: {
        access: 'public',
        rateLimit: { max: 20, timeWindow: 60_000, keyGenerator: ({ ip }: FastifyRequest) => ip },
      },
      schema: {
        operationId: 'beginSession',
        summary: 'Exchange a key for a session',
        description:
          'Sets a cookie (HttpOnly, SameSite=Strict) that stands for the key for twelve hours, event streams included. Send `csrfToken` as `X-CSRF-Token` with everything but GET.',
        tags,
        body: SessionRequest,
        response: { 200: Session },
      },
    },
    async (request, reply) => {
      if (auth.kind === 'off' || !sessions) return sessionOf(request, false);
      const key = auth.keys.find(request.body.key);
      if (!key) throw new RookeryError('UNAUTHENTICATED', { detail: 'this is no key that is in force' });
      const session = sessions.begin(key);
      void reply.setCookie(sessionCookie, session.token, { ...cookie(request), expires: session.expiresAt });
      request.session = session;
      request.caller = { via: 'session', ...key };
      return sessionOf(request, true);
    },
  );

  app.delete(
    '/v1/session',
    {
      config: { access: 'public' },
      schema: { operationId: 'endSession', summary: 'Log out', tags, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      if (request.session) sessions?.end(request.session);
      return reply.clearCookie(sessionCookie, cookie(request)).code(204).send();
    },
  );
}

function sessionOf({ caller, session }: FastifyRequest, authentication: boolean): Session {
  return {
    authentication,
    authenticated: caller.via !== 'none',
    scopes: [...caller.scopes],
    name: caller.name ?? null,
    csrfToken: session?.csrfToken ?? null,
    expiresAt: session?.expiresAt.toISOString() ?? null,
  };
}
