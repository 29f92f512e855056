import { RookeryError } from '@rookery/contracts';
import type { FastifyRequest } from 'fastify';
import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';
import { type Caller, everybody, mayDo, nobody } from '../auth/caller.ts';
import type { KeyStore } from '../auth/key-store.ts';

/** Says who asks, by `Authorization: Bearer`, `X-API-Key` or a session, and lets in who may do what the route's `access` names. */
export function authentication(app: ApiInstance, { auth }: ApiContext): void {
  app.decorateRequest('caller');
  app.addHook('onRequest', (request, _reply, done) => {
    request.caller = auth.kind === 'off' ? everybody : callerOf(request, auth.keys);
    // A route that says nothing is not for everybody.
    const access = request.is404 ? 'public' : (request.routeOptions.config.access ?? 'admin');
    if (access === 'public' || mayDo(request.caller, access)) return done();
    if (request.caller.via === 'none') throw new RookeryError('UNAUTHENTICATED');
    throw new RookeryError('FORBIDDEN', { detail: `the key "${request.caller.name}" lacks the scope "${access}"` });
  });
}

function callerOf(request: FastifyRequest, keys: KeyStore): Caller {
  const text = keyIn(request);
  if (text === undefined) return nobody;
  const key = keys.find(text);
  if (!key) return nobody;
  return { via: 'key', id: key.id, name: key.name, scopes: key.scopes };
}

function keyIn({ headers }: FastifyRequest): string | undefined {
  const bearer = /^Bearer ([\w.~+/=-]{1,200})$/i.exec(headers.authorization ?? '')?.[1];
  const header = headers['x-api-key'];
  return bearer ?? (typeof header === 'string' ? header : undefined);
}
