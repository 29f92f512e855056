import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { type DashboardQueuesOptions, queuesForDashboards } from '@rookery/queue';
import type { Logger } from '@rookery/telemetry';
import fastify from 'fastify';

export interface QueueDashboardOptions extends DashboardQueuesOptions {
  /** The folder that bull-board's `dist/` lies in; by default that of its package. */
  readonly uiFolder?: string | undefined;
}

/** BullMQ's own dashboard, apart from the service: it is given requests that were let in. */
export interface QueueDashboard extends AsyncDisposable {
  handle(request: IncomingMessage, response: ServerResponse): void;
}

/** Fonts of another host, which the page's policy refuses: a browser would complain of each. */
const elsewhere = /<link href="https:[^>]*>/g;

/** Loads bull-board and connects it; Redis may be away. `path`: what it is mounted at. */
export async function openQueueDashboard(
  path: string,
  { uiFolder, ...options }: QueueDashboardOptions,
  log: Logger,
): Promise<QueueDashboard> {
  const [{ createBullBoard }, { BullMQAdapter }, { FastifyAdapter }] = await Promise.all([
    import('@bull-board/api'),
    import('@bull-board/api/bullMQAdapter'),
    import('@bull-board/fastify'),
  ]);
  const onError = (err: Error): void => log.debug({ err }, 'the dashboard of the queues has no connection');
  const opened = await queuesForDashboards({ onError, ...options });
  const adapter = new FastifyAdapter().setBasePath(path);
  createBullBoard({
    queues: opened.queues.map((queue) => new BullMQAdapter(queue)),
    serverAdapter: adapter,
    options: {
      uiBasePath: uiFolder ?? dirname(createRequire(import.meta.url).resolve('@bull-board/ui/package.json')),
      uiConfig: { boardTitle: 'Rookery' },
    },
  });
  const app = fastify({ bodyLimit: 1 << 20 });
  app.addHook('onSend', async (_request, _reply, payload) =>
    typeof payload === 'string' ? payload.replaceAll(elsewhere, '') : payload,
  );
  await app.register(adapter.registerPlugin(), { prefix: path });
  await app.ready();
  return {
    handle: (request, response) => app.routing(request, response),
    async [Symbol.asyncDispose]() {
      await app.close();
      await opened[Symbol.asyncDispose]();
    },
  };
}
