import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aService, type TestService } from './a-service.ts';

describe('a service without keys, on this machine', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await aService({ corsOrigins: ['https://photos.example'] });
  });
  afterAll(() => service[Symbol.asyncDispose]());

  const get = (headers: Record<string, string>, url = '/v1/models') => service.app.inject({ url, headers });

  it.each(['localhost', 'localhost:5000', '127.0.0.1:5000', '127.1.2.3', '[::1]:5000', 'LOCALHOST:5000'])(
    'answers under %s',
    async (host) => {
      expect((await get({ host })).statusCode).toBe(200);
    },
  );

  // What a name elsewhere that resolves to this machine would be called by (DNS rebinding).
  it.each([
    'rebound.example',
    'rebound.example:5000',
    'localhost.evil.example',
    '127.0.0.1.nip.io',
    '10.0.0.1',
    '[::2]',
    '0.0.0.0',
  ])('does not answer under %s', async (host) => {
    const answer = await get({ host });
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({ code: 'ORIGIN_REFUSED' });
  });

  it('is not called by pages elsewhere, and may be by those that were named', async () => {
    const host = 'localhost:5000';
    expect((await get({ host, origin: 'http://localhost:5000' })).statusCode).toBe(200);
    expect((await get({ host, origin: 'http://localhost:3000' })).statusCode).toBe(403);
    expect((await get({ host, origin: 'https://evil.example' })).statusCode).toBe(403);
    expect((await get({ host, 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403);
    // An <img> or a link on a page elsewhere: no origin is sent, but where it comes from is.
    const image = { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
    expect((await get(image, '/classify?source=https://example.com/a.jpg')).statusCode).toBe(403);
    const link = { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect((await get(link, '/classify?source=https://example.com/a.jpg')).statusCode).toBe(403);
    expect((await get(link, '/docs')).statusCode).toBe(200);

    const allowed = await get({ host, origin: 'https://photos.example', 'sec-fetch-site': 'cross-site' });
    expect(allowed.statusCode).toBe(200);
    expect(allowed.headers['access-control-allow-origin']).toBe('https://photos.example');
    expect(allowed.headers['access-control-allow-credentials']).toBeUndefined();
    const preflight = await service.app.inject({
      method: 'OPTIONS',
      url: '/v1/classify',
      headers: { host, origin: 'https://photos.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.statusCode).toBe(204);
    // Everything that the typed client and the protocols send and read.
    for (const name of [
      'idempotency-key',
      'inference-header-content-length',
      'range',
      'if-none-match',
      'request-timeout',
    ])
      expect(preflight.headers['access-control-allow-headers']).toContain(name);
    expect(preflight.headers['access-control-allow-methods']).toContain('PUT');
    for (const name of ['etag', 'content-range', 'inference-header-content-length', 'location', 'retry-after'])
      expect(allowed.headers['access-control-expose-headers']).toContain(name);
    const refused = await get({ host, origin: 'https://evil.example' });
    expect(refused.headers['access-control-allow-origin']).not.toBe('https://evil.example');
  });

  it('lets nothing inline and nothing from elsewhere into its pages, and none of them into a frame', async () => {
    for (const url of ['/docs', '/openapi.json', '/v1/models', '/nowhere']) {
      const { headers } = await get({ host: 'localhost' }, url);
      const policy = String(headers['content-security-policy']);
      expect(policy).toMatch(/default-src 'none'/);
      expect(policy).toMatch(/frame-ancestors 'none'/);
      expect(policy).not.toMatch(/unsafe|https?:|\*/);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toBe('no-referrer');
      expect(headers['x-powered-by']).toBeUndefined();
      expect(headers.server).toBeUndefined();
    }
  });

  it('documents itself in a page without scripts and without anything from elsewhere', async () => {
    const { body, headers } = await get({ host: 'localhost' }, '/docs');
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(body).not.toMatch(/<script|<[^>]*\s(style|src|on\w+)=|javascript:/i);
    for (const [, target = ''] of body.matchAll(/href="([^"]*)"/g))
      expect(target).toMatch(/^(#|\/docs\/style\.css|\/openapi\.json)/);
  });
});

describe('a service that no page elsewhere may call', () => {
  it('says nothing about origins', async () => {
    await using service = await aService();
    const answer = await service.app.inject({
      method: 'OPTIONS',
      url: '/v1/classify',
      headers: { host: 'localhost', origin: 'https://photos.example', 'access-control-request-method': 'POST' },
    });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
  });
});
