import { isIP } from 'node:net';
import { RookeryError } from '@rookery/contracts';
import type { FastifyRequest } from 'fastify';
import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';

/**
 * For callers that a browser may speak for without being asked: everybody where authentication is off, and pages with a session. A page
 * elsewhere could otherwise let its visitors' browsers call this service. Without authentication requests are also taken only under this
 * machine's own names: a name elsewhere that resolves to it (DNS rebinding) would make that page one of the same origin.
 */
export function originGuard(app: ApiInstance, { corsOrigins = [] }: ApiContext): void {
  // Callers name it alike, and reading a name costs.
  let known = 'localhost';
  app.addHook('onRequest', (request, _reply, done) => {
    const { via } = request.caller;
    const { host = '' } = request.headers;
    if (via === 'open' && host !== known) {
      if (!isLoopbackHost(host)) throw refused(`this service answers to localhost, not to "${host.slice(0, 100)}"`);
      known = host;
    }
    if (via === 'open' || via === 'session') checkOrigin(request, corsOrigins);
    done();
  });
}

function checkOrigin({ headers, method, routeOptions }: FastifyRequest, allowed: readonly string[]): void {
  const { origin, host } = headers;
  if (origin !== undefined && allowed.includes(origin)) return;
  if (origin !== undefined && hostOf(origin) !== withoutUsualPort(host ?? ''))
    throw refused(`pages of "${origin.slice(0, 100)}" may not call it`);
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return;
  // A link from elsewhere may lead to a page.
  const isLink = method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && routeOptions.config.page === true;
  if (!isLink) throw refused('pages elsewhere may not call it');
}

/** `localhost`, 127.0.0.0/8 or ::1, with any port. */
export function isLoopbackHost(host: string): boolean {
  const name = hostnameOf(host);
  return name === 'localhost' || name === '[::1]' || (isIP(name) === 4 && name.startsWith('127.'));
}

const hostnameOf = (host: string): string => {
  try {
    return new URL(`http://${host}/`).hostname;
  } catch {
    return '';
  }
};

const hostOf = (origin: string): string | undefined => {
  try {
    return withoutUsualPort(new URL(origin).host);
  } catch {
    return undefined;
  }
};

const withoutUsualPort = (host: string): string => host.toLowerCase().replace(/:(80|443)$/, '');

const refused = (detail: string): RookeryError => new RookeryError('ORIGIN_REFUSED', { detail });
