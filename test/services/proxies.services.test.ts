import { createServer, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startS3FaultProxy, startTcpProxy, type TcpProxy } from './index.ts';

const body = Buffer.alloc(200_000, 'x');

describe('the proxies that break things', () => {
  let server: Server;
  let proxy: TcpProxy;
  let port: number;
  const get = async (): Promise<number> =>
    (await (await fetch(`http://127.0.0.1:${proxy.port}/`, { headers: { connection: 'close' } })).arrayBuffer())
      .byteLength;

  beforeEach(async () => {
    server = createServer((_request, response) => response.end(body));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    port = address && typeof address === 'object' ? address.port : 0;
    proxy = await startTcpProxy({ port });
  });
  afterEach(async () => {
    await proxy[Symbol.asyncDispose]();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('pass everything on, and pass on again after whatever they did', async () => {
    expect(await get()).toBe(body.length);
    proxy.set({ mode: 'refuse' });
    await expect(get()).rejects.toThrow();
    proxy.set({ mode: 'pass' });
    expect(await get()).toBe(body.length);
    expect(proxy.counts().total).toBe(2);
  });

  it('delay, and cut half-way', async () => {
    proxy.set({ delayMs: 150 });
    const start = performance.now();
    expect(await get()).toBe(body.length);
    // Once on the way there, once on the way back.
    expect(performance.now() - start).toBeGreaterThan(290);
    proxy.set({ delayMs: 0, cutAfterBytes: 100_000 });
    await expect(get()).rejects.toThrow();
  });

  it('swallow everything, and end what hangs in it by dropping or resetting', async () => {
    proxy.set({ mode: 'black-hole' });
    for (const end of [() => proxy.dropAll(), () => proxy.resetAll()]) {
      let settled = false;
      const hanging = get()
        .catch(() => 'ended')
        .finally(() => {
          settled = true;
        });
      await sleep(100);
      expect(settled).toBe(false);
      expect(proxy.counts().open).toBe(1);
      end();
      expect(await hanging).toBe('ended');
    }
  });

  it('break the share of requests that is asked for, the same ones in every run', async () => {
    const broken = async (): Promise<number[]> => {
      await using faults = await startS3FaultProxy({ endpoint: `http://127.0.0.1:${port}`, seed: 7 });
      faults.set([{ share: 0.2, fault: { kind: 'status', status: 503 } }]);
      const hit: number[] = [];
      for (let i = 0; i < 200; i++) {
        const answer = await fetch(faults.endpoint);
        await answer.arrayBuffer();
        if (answer.status === 503) hit.push(i);
      }
      return hit;
    };
    const first = await broken();
    expect(first.length).toBeGreaterThan(20);
    expect(first.length).toBeLessThan(60);
    expect(await broken()).toEqual(first);
  });
});
