import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createClient, type UploadProgress } from '../src/index.ts';
import { answerJson, answerProblem, aServer } from './a-server.ts';

const pictures = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ name: `${at}.jpg`, blob: new Blob([new Uint8Array(100 + at)]) }));

/** A store's side of uploads: keeps names and sizes, and fails as `put` says. */
async function aStore(
  put: (name: string, response: ServerResponse, request: IncomingMessage) => boolean | Promise<boolean>,
) {
  const arrived = new Map<string, number>();
  const asked: number[] = [];
  let now = 0;
  let most = 0;
  const server = await aServer(async (request, response, body) => {
    const url = new URL(request.url ?? '', 'http://here');
    if (request.method === 'POST') {
      const { files } = JSON.parse(body.toString()) as { files: { name: string; sizeBytes: number }[] };
      asked.push(files.length);
      const slots = files.map(({ name }) => ({
        name,
        key: name,
        method: 'PUT',
        url: `/put/${name}?${asked.length}`,
        headers: { 'x-of-the-store': 'yes' },
      }));
      return answerJson(response, { upload: 'upload-1', slots, expiresAt: new Date().toISOString() }, 201);
    }
    if (request.method === 'GET') {
      const files = [...arrived].map(([name, sizeBytes]) => ({ name, sizeBytes }));
      return answerJson(response, { upload: 'upload-1', files, next: null });
    }
    most = Math.max(most, ++now);
    const name = url.pathname.split('/').at(-1) ?? '';
    const taken = await put(name, response, request);
    now--;
    if (!taken) return;
    arrived.set(name, body.length);
    response.end();
  });
  return { server, arrived, asked, most: () => most };
}

describe('an upload', () => {
  it('puts every picture, a bounded number at a time, and tells how far it is', async () => {
    const store = await aStore(async (_name, _response, request) => {
      expect(request.headers['x-of-the-store']).toBe('yes');
      await new Promise((resolve) => setTimeout(resolve, 2));
      return true;
    });
    await using server = store.server;
    const steps: UploadProgress[] = [];
    const all = pictures(250);
    const { upload, failed } = await createClient({ baseUrl: server.address }).upload(all, {
      concurrency: 4,
      onProgress: (progress) => steps.push(progress),
    });
    expect({ upload, failed }).toEqual({ upload: 'upload-1', failed: [] });
    expect(store.arrived.size).toBe(250);
    expect(store.asked).toEqual([100, 100, 50]);
    expect(store.most()).toBeLessThanOrEqual(4);
    const total = all.reduce((sum, { blob }) => sum + blob.size, 0);
    expect(steps.at(-1)).toEqual({ pictures: { done: 250, failed: 0, total: 250 }, bytes: { sent: total, total } });
  });

  it('tries again what may come through, asks anew for an address that has run out, and names what never did', async () => {
    const tries = new Map<string, number>();
    const store = await aStore((name, response) => {
      const attempt = (tries.get(name) ?? 0) + 1;
      tries.set(name, attempt);
      if (name === '0.jpg' && attempt === 1) answerProblem(response, 'STORE_UNAVAILABLE', 500, { retryable: true });
      else if (name === '1.jpg' && attempt === 1) response.destroy();
      else if (name === '2.jpg' && attempt === 1)
        response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>');
      else if (name === '3.jpg') answerProblem(response, 'REQUEST_TOO_LARGE', 413);
      else return true;
      return false;
    });
    await using server = store.server;
    const { failed } = await createClient({ baseUrl: server.address }).upload(pictures(5));
    expect([...store.arrived.keys()].sort()).toEqual(['0.jpg', '1.jpg', '2.jpg', '4.jpg']);
    expect(failed.map(({ name, error }) => [name, error.code])).toEqual([['3.jpg', 'REQUEST_TOO_LARGE']]);
    expect(store.asked).toEqual([5, 1]);
    expect(tries.get('3.jpg')).toBe(1);
  });

  it('gets through a restart of the service, which forgets the addresses that it gave', async () => {
    let tries = 0;
    const store = await aStore((_name, response) => {
      tries++;
      if (tries <= 3) response.destroy();
      else if (tries === 4) response.writeHead(403).end();
      return tries > 4;
    });
    await using server = store.server;
    const { failed } = await createClient({ baseUrl: server.address }).upload(pictures(1));
    expect(failed).toEqual([]);
    expect([...store.arrived.keys()]).toEqual(['0.jpg']);
    expect(store.asked).toEqual([1, 1]);
  });

  it('goes on where it was cut: what lies there in full is not sent again', async () => {
    const sent: string[] = [];
    const store = await aStore((name) => {
      sent.push(name);
      return true;
    });
    await using server = store.server;
    store.arrived.set('0.jpg', 100);
    store.arrived.set('1.jpg', 50);
    await createClient({ baseUrl: server.address }).upload(pictures(3), { upload: 'upload-1' });
    expect(sent.sort()).toEqual(['1.jpg', '2.jpg']);
  });

  it('stops where it is told to, with nothing more on its way', async () => {
    const stop = new AbortController();
    const store = await aStore(() => {
      stop.abort(new Error('enough'));
      return true;
    });
    await using server = store.server;
    await expect(
      createClient({ baseUrl: server.address }).upload(pictures(50), { signal: stop.signal, concurrency: 2 }),
    ).rejects.toThrow('enough');
    expect(store.arrived.size).toBeLessThanOrEqual(2);
  });
});
