import { asRookeryError, RookeryError } from '@rookery/contracts';
import type { ApiContext } from '../api-context.ts';
import type { ApiInstance } from '../api-instance.ts';
import { openQueueDashboard, type QueueDashboard } from '../fleet/queue-dashboard.ts';

const path = '/queues';

/** It writes styles into its elements and has a `<base>`. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** `/queues`: BullMQ's own dashboard (bull-board), for admins, where the queues are BullMQ's. Loaded when it is first asked for. */
export function queueRoutes(app: ApiInstance, { jobs, sessions, log }: ApiContext): void {
  const options = jobs?.dashboard;
  let dashboard: Promise<QueueDashboard> | undefined;
  // Bodies are read by the dashboard.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.addHook('onClose', async () => {
    await (await dashboard?.catch(() => undefined))?.[Symbol.asyncDispose]();
  });
  for (const url of [path, `${path}/*`]) {
    app.route({
      method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      url,
      config: { access: 'admin', page: true },
      schema: { hide: true },
      handler: async (request, reply) => {
        if (!options)
          throw new RookeryError('ROUTE_NOT_FOUND', { detail: "only BullMQ's queues (redis://) have a dashboard" });
        dashboard ??= openQueueDashboard(path, options, log);
        const { handle } = await dashboard.catch((thrown: unknown) => {
          dashboard = undefined;
          throw asRookeryError(thrown);
        });
        // Its script sends the cookie's value back as X-XSRF-TOKEN with everything that changes something.
        if (sessions && request.session && request.method === 'GET')
          // By hand: the hook that would do it is not run for an answer that is given away.
          void reply.header('set-cookie', cookieOf(request.session.csrfToken, request.protocol === 'https'));
        void reply.header('content-security-policy', policy).header('cache-control', 'no-store').hijack();
        for (const [name, value] of Object.entries(reply.getHeaders()))
          if (value !== undefined) reply.raw.setHeader(name, value);
        handle(request.raw, reply.raw);
      },
    });
  }
}

const cookieOf = (token: string, secure: boolean): string =>
  `XSRF-TOKEN=${token}; Path=${path}; SameSite=Strict${secure ? '; Secure' : ''}`;
