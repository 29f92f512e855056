import { RookeryError } from '@rookery/contracts';
import type { FastifyRequest } from 'fastify';
import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';
import { type Caller, everybody, mayDo, nobody } from '../auth/caller.ts';
import { equalTexts } from '../auth/key-text.ts';
import { type PageSession, sessionCookie } from '../auth/sessions.ts';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Says who asks, by `Authorization: Bearer`, `X-API-Key` or a page's session, and lets in who may do what the route's `access` names. */
export function authentication(app: ApiInstance, context: ApiContext): void {
  app.decorateRequest('caller');
  app.decorateRequest('session');
  app.addHook('onRequest', (request, reply, done) => {
    request.session = undefined;
    request.caller = callerOf(request, context);
    // A route that says nothing is not for everybody.
    const access = request.is404 ? 'public' : (request.routeOptions.config.access ?? 'admin');
    if (access === 'public' || mayDo(request.caller, access)) return done();
    if (request.caller.via === 'none') {
      if (context.pageFolder !== undefined && isSomebodyLooking(request))
        return void reply.header('cache-control', 'no-store').redirect(`/#${request.url}`, 303);
      throw new RookeryError('UNAUTHENTICATED');
    }
    throw new RookeryError('FORBIDDEN', { detail: `the key "${request.caller.name}" lacks the scope "${access}"` });
  });
}

/** Somebody with a browser who opens the queues' dashboard: the page lets them sign in and sends them back to where they were going. */
const isSomebodyLooking = ({ method, headers, routeOptions }: FastifyRequest): boolean =>
  method === 'GET' && routeOptions.config.page === true && /\btext\/html\b/.test(headers.accept ?? '');

function callerOf(request: FastifyRequest, { auth, sessions }: ApiContext): Caller {
  if (auth.kind === 'off') return everybody;
  const text = keyIn(request);
  if (text !== undefined) {
    const key = auth.keys.find(text);
    return key ? { via: 'key', ...key } : nobody;
  }
  const cookie = request.cookies[sessionCookie];
  const session = cookie === undefined ? undefined : sessions?.find(cookie);
  if (!session) return nobody;
  request.session = session;
  if (!safeMethods.has(request.method)) checkToken(request, session);
  return { via: 'session', ...session.key };
}

/** A form on a page elsewhere would send the cookie; it cannot send this header. */
function checkToken({ headers }: FastifyRequest, { csrfToken }: PageSession): void {
  // The second is how the dashboard of the queues, which is not ours, sends it.
  const given = headers['x-csrf-token'] ?? headers['x-xsrf-token'];
  if (typeof given === 'string' && equalTexts(given, csrfToken)) return;
  throw new RookeryError('FORBIDDEN', { detail: "the header X-CSRF-Token must be the session's csrfToken" });
}

function keyIn({ headers }: FastifyRequest): string | undefined {
  const bearer = /^Bearer +([\w.~+/=-]{1,200})$/i.exec(headers.authorization ?? '')?.[1];
  const header = headers['x-api-key'];
  return bearer ?? (typeof header === 'string' ? header : undefined);
}
