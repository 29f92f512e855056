import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { RookeryError } from '@rookery/contracts';

export interface HealthServerOptions {
  /** Loopback unless told otherwise. */
  readonly host?: string | undefined;
  /** 0 takes a free one. */
  readonly port: number;
  readonly live: () => boolean;
  readonly ready: () => boolean;
  /** For people: HTML, where there is anything to say. */
  readonly page?: (() => string) | undefined;
  /** For Prometheus. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly body: string }>;
}

/** `/health/live`, `/health/ready`, `/metrics` and, where there is a page, `/` over HTTP. */
export interface HealthServer extends AsyncDisposable {
  /** Without a slash at its end. */
  readonly url: string;
}

/** @throws {RookeryError} CONFIG_INVALID where the port cannot be had. */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const { host = '127.0.0.1', port } = options;
  const server = createServer((request, response) => void answer(request, response, options));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new RookeryError('CONFIG_INVALID', { detail: `health port ${port}: ${cause.message}`, cause })),
    );
    server.listen(port, host, () => resolve());
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, options: HealthServerOptions): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const send = (status: number, type: string, body: string): void => {
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
    response.end(request.method === 'HEAD' ? undefined : body);
  };
  const health = (good: boolean): void => send(good ? 200 : 503, 'application/json', JSON.stringify({ ok: good }));
  try {
    if (request.method !== 'GET' && request.method !== 'HEAD') send(405, 'text/plain', 'GET only\n');
    else if (pathname === '/health/live') health(options.live());
    else if (pathname === '/health/ready') health(options.ready());
    else if (pathname === '/' && options.page) send(200, 'text/html; charset=utf-8', options.page());
    else if (pathname === '/metrics') {
      const { contentType, body } = await options.metrics();
      send(200, contentType, body);
    } else send(404, 'text/plain', 'not found\n');
  } catch {
    send(500, 'text/plain', 'metrics could not be read\n');
  }
}
