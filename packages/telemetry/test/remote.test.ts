import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createLogger, type RemoteLogOptions } from '../src/index.ts';

const servers: (() => void)[] = [];
afterEach(() => {
  for (const close of servers.splice(0)) close();
});

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** Takes posts, answering each with the next status; the last one stays. */
async function aReceiver(...statuses: number[]) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, url = '', headers } = request;
    const status = statuses.length > 1 ? statuses.shift() : statuses[0];
    if (method === 'POST' && headers['content-type'] === 'application/json' && status === 204)
      received.push({ path: url, headers, body: JSON.parse(Buffer.concat(chunks).toString()) });
    response.writeHead(status ?? 500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

function aLogger(remote: RemoteLogOptions) {
  const local: string[] = [];
  const lost: Record<string, number> = {};
  const log = createLogger({
    level: 'info',
    service: 'worker',
    destination: { write: (line) => local.push(line) },
    remotes: [remote],
    onDropped: (where, lines) => {
      lost[where] = (lost[where] ?? 0) + lines;
    },
  });
  return { log, lost, entries: () => local.map((line): Record<string, unknown> => JSON.parse(line)) };
}

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('lines to a server', () => {
  it('reach Loki as its push interface wants them: few labels, nanoseconds in order, the line as it is, no secret', async () => {
    const { host, received } = await aReceiver(204);
    const { log } = aLogger({ protocol: 'loki', url: `http://me:pass@${host}/loki/api/v1/push` });
    log.info({ job: 'j1', task: 7 }, 'one');
    log.info({ password: 'hunter2' }, 'two');
    log.warn('three');
    await log.close();
    expect(received).toHaveLength(1);
    expect(received[0]).toMatchObject({
      path: '/loki/api/v1/push',
      headers: { authorization: `Basic ${Buffer.from('me:pass').toString('base64')}` },
    });
    const [first] = received.map(({ body }) => body as { streams: { stream: object; values: [string, string][] }[] });
    const streams = first?.streams ?? [];
    expect(streams.map(({ stream }) => stream)).toEqual([
      { service: 'worker', level: 'info' },
      { service: 'worker', level: 'warn' },
    ]);
    const [one, two] = streams[0]?.values ?? [];
    expect(one?.[0]).toMatch(/^\d{19}$/);
    expect(BigInt(two?.[0] ?? 0)).toBeGreaterThan(BigInt(one?.[0] ?? 0));
    expect(JSON.parse(one?.[1] ?? '')).toMatchObject({ job: 'j1', task: 7, msg: 'one' });
    expect(JSON.stringify(received)).not.toContain('hunter2');
  });

  it('reach an OpenTelemetry collector as log records with their trace', async () => {
    const { host, received } = await aReceiver(204);
    const { log } = aLogger({ protocol: 'otlp', url: `http://${host}/v1/logs`, headers: { 'x-key': 'k' } });
    log.error({ task: 7, share: 0.5, done: true, trace_id: trace }, 'failed');
    await log.close();
    expect(received[0]?.headers['x-key']).toBe('k');
    expect(received[0]?.body).toEqual({
      resourceLogs: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'worker' } }] },
          scopeLogs: [
            {
              scope: { name: 'rookery' },
              logRecords: [
                {
                  timeUnixNano: expect.stringMatching(/^\d{19}$/),
                  observedTimeUnixNano: expect.stringMatching(/^\d{19}$/),
                  severityNumber: 17,
                  severityText: 'ERROR',
                  body: { stringValue: 'failed' },
                  attributes: [
                    { key: 'task', value: { intValue: '7' } },
                    { key: 'share', value: { doubleValue: 0.5 } },
                    { key: 'done', value: { boolValue: true } },
                  ],
                  traceId: trace,
                },
              ],
            },
          ],
        },
      ],
    });
  });

  it('are sent again after a failure that passes, and arrive once', async () => {
    const { host, received } = await aReceiver(503, 429, 204);
    const { log, entries } = aLogger({ protocol: 'loki', url: `http://${host}/`, closeMs: 20_000 });
    log.info('kept');
    await log.close();
    expect(received).toHaveLength(1);
    expect(entries().map(({ msg, reason }) => [msg, reason])).toEqual([
      ['kept', undefined],
      ['the log server does not answer', 'status 503'],
    ]);
  });

  it('that are refused for good are counted, and not sent again', async () => {
    const { host } = await aReceiver(400);
    const { log, entries } = aLogger({ protocol: 'loki', url: `http://${host}/`, closeMs: 20_000 });
    log.info('one');
    log.info('two');
    await log.close();
    expect(entries().at(-1)).toMatchObject({ dropped: 2, reason: 'status 400', server: 'loki' });
  });

  it('never wait for a black hole: memory is bounded, every line that was lost is counted, the end comes', async () => {
    const sockets = new Set<Socket>();
    // Takes connections and says nothing.
    const hole = createTcpServer((socket) => void sockets.add(socket.on('error', () => {})));
    await new Promise<void>((resolve) => hole.listen(0, '127.0.0.1', resolve));
    servers.push(() => {
      for (const socket of sockets) socket.destroy();
      hole.close();
    });
    const url = `http://127.0.0.1:${(hole.address() as AddressInfo).port}/`;
    const { log, lost, entries } = aLogger({ protocol: 'loki', url, maxHeldBytes: 50_000, closeMs: 300 });
    for (let task = 0; task < 5_000; task++) log.info({ task }, 'a line of the log');
    await expect.poll(() => sockets.size).toBeGreaterThan(0);
    await log.close();
    const told = entries().filter(({ dropped }) => dropped !== undefined);
    expect(told.reduce((sum, { dropped }) => sum + Number(dropped), 0)).toBe(5_000);
    expect(lost).toEqual({ loki: 5_000 });
  });
});
