import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aService, type TestService } from './a-service.ts';

const script = 'console.log("a rook")\n'.repeat(20);
let folder: string;
let service: TestService;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rookery-page-'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Rookery</title>');
  await writeFile(join(folder, 'app-AB12CD34.js'), script);
  await writeFile(join(folder, 'app-AB12CD34.js.gz'), gzipSync(script));
  await writeFile(join(folder, 'icon-AB12CD34.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await writeFile(join(folder, 'notes.txt'), 'not part of the page');
  service = await aService({ pageFolder: folder });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const get = (url: string, headers: Record<string, string> = {}) =>
  service.app.inject({ url, headers: { host: 'localhost', ...headers } });

describe('the page', () => {
  it('lies at the root, is asked for anew each time, and may run nothing that is not its own', async () => {
    const answer = await get('/');
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.headers['cache-control']).toBe('no-cache');
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    expect(answer.headers['content-security-policy']).not.toContain('unsafe');
  });

  it('depends on what the browser unpacks, beside the origin where pages elsewhere may call', async () => {
    await using called = await aService({ pageFolder: folder, corsOrigins: ['https://photos.example'] });
    const answer = await called.app.inject({ url: '/', headers: { host: 'localhost' } });
    expect(String(answer.headers.vary).toLowerCase()).toBe('origin, accept-encoding');
    expect((await get('/')).headers.vary).toBe('Accept-Encoding');
  });

  it('keeps files whose name says what is in them for good', async () => {
    const answer = await get('/app-AB12CD34.js');
    expect(answer.body).toBe(script);
    expect(answer.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(answer.headers['cache-control']).toContain('immutable');
  });

  it('gives its icon to whoever shows an answer that names none', async () => {
    const answer = await get('/favicon.ico');
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('image/svg+xml');
    expect(answer.headers['cache-control']).toBe('no-cache');
  });

  it('sends what a browser has already as 304, and compressed what it has not, where it takes that', async () => {
    const { headers } = await get('/');
    expect((await get('/', { 'if-none-match': String(headers.etag) })).statusCode).toBe(304);
    expect((await get('/', { 'if-none-match': '"another"' })).statusCode).toBe(200);

    const packed = await get('/app-AB12CD34.js', { 'accept-encoding': 'deflate, gzip;q=0.5' });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(packed.headers.vary).toContain('Accept-Encoding');
    expect(gunzipSync(packed.rawPayload).toString()).toBe(script);
    for (const accepted of ['gzip;q=0', 'br', ''])
      expect(
        (await get('/app-AB12CD34.js', { 'accept-encoding': accepted })).headers['content-encoding'],
      ).toBeUndefined();
  });

  it('is the files of the page and nothing else, however the path is spelt', async () => {
    for (const path of [
      '/notes.txt',
      '/../notes.txt',
      '/%2e%2e/notes.txt',
      '/..%2fnotes.txt',
      '/app-AB12CD34.js.gz',
      '/app-AB12CD34.js/',
      '/index.html%00',
      '/etc/passwd',
    ])
      expect((await get(path)).statusCode, path).toBe(404);
  });
});

it('a browser that opens the queues without a session is sent to the page, everybody else is told that a key is needed', async () => {
  const auth = { kind: 'keys', keys: { find: () => undefined, get: () => undefined } } as const;
  await using closed = await aService({ pageFolder: folder, auth });
  const ask = (headers: Record<string, string>, method: 'GET' | 'PUT' = 'GET', url = '/queues') =>
    closed.app.inject({ method, url, headers: { host: 'localhost', ...headers } });
  const html = { accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8' };
  const sent = await ask(html);
  expect([sent.statusCode, sent.headers.location, sent.headers['cache-control']]).toEqual([
    303,
    '/#/queues',
    'no-store',
  ]);
  const deep = await ask(html, 'GET', '/queues/queue/rookery-jobs?status=failed');
  expect(deep.headers.location).toBe('/#/queues/queue/rookery-jobs?status=failed');
  expect((await ask({})).statusCode).toBe(401);
  expect((await ask({ accept: 'application/json' })).statusCode).toBe(401);
  expect((await ask(html, 'PUT')).statusCode).toBe(401);
  expect((await ask(html, 'GET', '/v1/jobs')).statusCode).toBe(401);
  await using bare = await aService({ auth });
  expect((await bare.app.inject({ url: '/queues', headers: { host: 'localhost', ...html } })).statusCode).toBe(401);
});

it('a service without a page answers everything else', async () => {
  await using bare = await aService();
  expect((await bare.app.inject({ url: '/', headers: { host: 'localhost' } })).statusCode).toBe(404);
  expect((await bare.app.inject({ url: '/health/live', headers: { host: 'localhost' } })).statusCode).toBe(200);
});
