import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { checkPostAddress, type GuardedPostOptions, guardedPost } from '../src/index.ts';

async function aReceiver(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
}

const options = (more: Partial<GuardedPostOptions> = {}): GuardedPostOptions => ({
  body: '{"a":1}',
  headers: { 'content-type': 'application/json', 'webhook-id': 'msg_1' },
  timeoutMs: 2_000,
  ...more,
});

it('posts the body with its headers and tells the answer', async () => {
  let got = '';
  const url = await aReceiver(async (request, response) => {
    for await (const chunk of request) got += chunk;
    got += ` ${request.method} ${request.headers['webhook-id']} ${request.headers['content-length']}`;
    response.writeHead(503, { 'retry-after': '7' }).end();
  });
  expect(await guardedPost(url, options({ allowPrivate: true }))).toEqual({ status: 503, retryAfterMs: 7_000 });
  expect(got).toBe('{"a":1} POST msg_1 7');
});

it.each([
  ['as a date', new Date(Date.now() + 3_600_000).toUTCString(), [3_590_000, 3_600_000]],
  ['that is over', new Date(0).toUTCString(), [0, 0]],
  ['as a week', '604800', [86_400_000, 86_400_000]],
] as const)('is told when to come again, %s', async (_, header, [least, most]) => {
  const url = await aReceiver((__, response) => void response.writeHead(429, { 'retry-after': header }).end());
  const { retryAfterMs = -1 } = await guardedPost(url, options({ allowPrivate: true }));
  expect(retryAfterMs).toBeGreaterThanOrEqual(least);
  expect(retryAfterMs).toBeLessThanOrEqual(most);
});

it('a redirect is an answer: nothing is sent where it leads', async () => {
  let second = 0;
  const inside = await aReceiver((_, response) => {
    second++;
    response.end();
  });
  const url = await aReceiver((_, response) => void response.writeHead(307, { location: inside }).end());
  expect(await guardedPost(url, options({ allowPrivate: true }))).toMatchObject({ status: 307 });
  expect(second).toBe(0);
});

it('a receiver that is silent is given up', async () => {
  const url = await aReceiver(() => {});
  await expect(guardedPost(url, options({ allowPrivate: true, timeoutMs: 50 }))).rejects.toMatchObject({
    code: 'URL_TIMED_OUT',
  });
});

it('a body of an answer without end costs nothing', async () => {
  const url = await aReceiver((_, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('x'.repeat(65_536)), 1);
    response.once('close', () => clearInterval(timer));
  });
  expect(await guardedPost(url, options({ allowPrivate: true }))).toMatchObject({ status: 200 });
});

it.each([
  'http://example.com/',
  'https://127.0.0.1/',
  'https://2130706433/',
  'https://0x7f.1/',
  'https://localhost/',
  'https://a.localhost./',
  'https://[::1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[64:ff9b::7f00:1]/',
  'https://169.254.169.254/latest/meta-data/',
  'https://10.0.0.1/',
  'https://user:secret@example.com/',
  'file:///etc/passwd',
  'gopher://example.com/',
  'not an address',
])('%s is refused, when a job is made and when it is posted to', async (url) => {
  await expect(checkPostAddress(url, {})).rejects.toMatchObject({ code: 'URL_REFUSED' });
  await expect(guardedPost(url, options())).rejects.toMatchObject({ code: 'URL_REFUSED' });
});

it('a name that leads inside is refused when it is posted to', async () => {
  await checkPostAddress('https://hooks.example/', {});
  const resolve = async () => [{ address: '10.1.2.3', family: 4 }];
  await expect(guardedPost('https://hooks.example/', options({ resolve }))).rejects.toMatchObject({
    code: 'URL_REFUSED',
  });
});
