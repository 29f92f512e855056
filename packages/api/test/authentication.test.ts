import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scope } from '@rookery/contracts';
import { silentLogger } from '@rookery/telemetry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKey, revokeKey } from '../src/auth/key-file.ts';
import { type KeyFileStore, openKeyFile } from '../src/auth/open-key-file.ts';
import { aPhotograph, aService, type TestService } from './a-service.ts';

describe('a service that asks for keys', () => {
  let folder: string;
  let keysFile: string;
  let keys: KeyFileStore;
  let service: TestService;
  const texts = new Map<string, string>();
  const scopes: Scope[] = ['classify', 'jobs', 'models', 'admin'];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rookery-keys-'));
    keysFile = join(folder, 'keys.json');
    for (const scope of scopes) texts.set(scope, (await createKey(keysFile, { name: scope, scopes: [scope] })).text);
    keys = await openKeyFile(keysFile, { pollMs: 3_600_000, log: silentLogger });
    service = await aService({ auth: { kind: 'keys', keys } });
  });
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    keys[Symbol.dispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const bearer = (scope: string) => ({ authorization: `Bearer ${texts.get(scope)}` });

  it('lets nobody in without one, whatever is asked for', async () => {
    const requests = [
      { method: 'POST', url: '/v1/classify' },
      { method: 'GET', url: '/classify?source=https://example.com/a.jpg' },
      { method: 'POST', url: '/classify' },
      { method: 'GET', url: '/v1/models' },
      { method: 'GET', url: '/v1/models/content' },
      { method: 'POST', url: '/v1/models/content/load' },
      { method: 'POST', url: '/v1/models/content/alias' },
      { method: 'GET', url: '/metrics' },
    ] as const;
    for (const request of requests) {
      const answer = await service.app.inject(request);
      expect([request.url, answer.statusCode]).toEqual([request.url, 401]);
      expect(answer.json()).toMatchObject({ code: 'UNAUTHENTICATED' });
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
    }
  });

  it('lets nobody in with what only looks like one', async () => {
    const good = texts.get('admin') ?? '';
    const wrong = [
      { authorization: good },
      { authorization: `Basic ${good}` },
      { authorization: `Bearer ${good}x` },
      { authorization: `Bearer ${good} ${good}` },
      { authorization: `Bearer ${good.slice(0, -1)}` },
      { 'x-api-key': `${good},${good}` },
      { 'x-api-key': '' },
      { cookie: `rookery_session=${good}` },
    ];
    for (const headers of wrong)
      expect((await service.app.inject({ url: '/v1/models', headers })).statusCode).toBe(401);
  });

  it('lets a key do what its scope names, and nothing else', async () => {
    const calls = [
      { request: { method: 'GET', url: '/v1/models' }, scope: 'classify' },
      { request: { method: 'POST', url: '/v1/models/content/load' }, scope: 'models' },
      { request: { method: 'GET', url: '/metrics' }, scope: 'admin' },
    ] as const;
    for (const { request, scope } of calls) {
      for (const held of scopes) {
        const answer = await service.app.inject({ ...request, headers: bearer(held) });
        const allowed = held === scope || held === 'admin';
        expect([request.url, held, answer.statusCode]).toEqual([request.url, held, allowed ? 200 : 403]);
        if (!allowed)
          expect(answer.json()).toMatchObject({ code: 'FORBIDDEN', detail: expect.stringContaining(scope) });
      }
    }
  });

  it('takes a key in X-API-Key too', async () => {
    const answer = await service.app.inject({
      method: 'POST',
      url: '/v1/classify',
      headers: { 'x-api-key': texts.get('classify'), 'content-type': 'image/jpeg' },
      payload: await aPhotograph(),
    });
    expect(answer.statusCode).toBe(200);
  });

  it('shows health and documentation to everybody', async () => {
    for (const url of ['/health/live', '/health/ready', '/openapi.json', '/docs', '/docs/style.css', '/v1/session'])
      expect([url, (await service.app.inject(url)).statusCode]).toEqual([url, 200]);
  });

  describe('the session of a page', () => {
    const login = async (key = texts.get('models') ?? '', headers: Record<string, string> = {}) => {
      const answer = await service.app.inject({ method: 'POST', url: '/v1/session', payload: { key }, headers });
      const cookie = answer.headers['set-cookie'];
      return { answer, setCookie: String(cookie ?? ''), cookie: String(cookie ?? '').split(';')[0] ?? '' };
    };

    it('is a cookie that no script reads and no other site sends', async () => {
      const { answer, setCookie } = await login();
      expect(answer.json()).toMatchObject({ authenticated: true, name: 'models', scopes: ['models'] });
      expect(setCookie).toMatch(/^rookery_session=/);
      for (const flag of ['HttpOnly', 'SameSite=Strict', 'Path=/', 'Expires=']) expect(setCookie).toContain(flag);
      expect(setCookie).not.toContain('Secure');
      expect(setCookie).not.toContain((texts.get('models') ?? '').slice(14));
    });

    it('is refused to who has no key', async () => {
      const { answer, setCookie } = await login('rk_aaaaaaaaaa_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA');
      expect(answer.statusCode).toBe(401);
      expect(setCookie).toBe('');
    });

    it('reads with the cookie alone, changes only with its token', async () => {
      const { answer, cookie } = await login();
      const { csrfToken } = answer.json();
      expect((await service.app.inject({ url: '/v1/session', headers: { cookie } })).json()).toMatchObject({
        authenticated: true,
        csrfToken,
      });
      const load = (headers: Record<string, string>) =>
        service.app.inject({ method: 'POST', url: '/v1/models/content/load', headers: { cookie, ...headers } });
      expect((await load({})).statusCode).toBe(403);
      expect((await load({ 'x-csrf-token': `${csrfToken}x` })).statusCode).toBe(403);
      expect((await load({ 'x-csrf-token': csrfToken })).statusCode).toBe(200);
    });

    it('is not used by pages elsewhere', async () => {
      const { answer, cookie } = await login();
      const headers = { cookie, 'x-csrf-token': answer.json().csrfToken };
      const from = (more: Record<string, string>) =>
        service.app.inject({ method: 'POST', url: '/v1/models/content/load', headers: { ...headers, ...more } });
      expect((await from({ origin: 'https://evil.example' })).json()).toMatchObject({ code: 'ORIGIN_REFUSED' });
      expect((await from({ origin: 'null' })).statusCode).toBe(403);
      expect((await from({ 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403);
      expect((await from({ 'sec-fetch-site': 'same-site' })).statusCode).toBe(403);
      expect((await from({ 'sec-fetch-site': 'same-origin', origin: 'http://localhost:80' })).statusCode).toBe(200);
    });

    it('cannot be made up, lengthened or given another key', async () => {
      const { cookie } = await login();
      const [id = '', expires = '', nonce = '', mac = ''] = (cookie.split('=')[1] ?? '').split('.');
      const [, adminId = ''] = /^rk_([a-z0-9]+)_/.exec(texts.get('admin') ?? '') ?? [];
      const later = (Number.parseInt(expires, 36) + 1_000_000).toString(36);
      const forged = [
        `${adminId}.${expires}.${nonce}.${mac}`,
        `${id}.${later}.${nonce}.${mac}`,
        `${id}.${expires}.${'A'.repeat(22)}.${mac}`,
        `${id}.${expires}.${nonce}.${'A'.repeat(43)}`,
        `${id}.${expires}.${nonce}`,
      ];
      for (const token of forged) {
        const answer = await service.app.inject({
          url: '/v1/session',
          headers: { cookie: `rookery_session=${token}` },
        });
        expect(answer.json()).toMatchObject({ authenticated: false, scopes: [] });
      }
    });

    it('ends when its page logs out, and with its key', async () => {
      const first = await login();
      const { csrfToken } = first.answer.json();
      const out = {
        method: 'DELETE',
        url: '/v1/session',
        headers: { cookie: first.cookie, 'x-csrf-token': csrfToken },
      } as const;
      expect((await service.app.inject(out)).statusCode).toBe(204);
      const after = await service.app.inject({ url: '/v1/session', headers: { cookie: first.cookie } });
      expect(after.json()).toMatchObject({ authenticated: false });

      const { text } = await createKey(keysFile, { name: 'short', scopes: ['classify'] });
      await keys.refresh();
      const second = await login(text);
      await revokeKey(keysFile, 'short');
      await keys.refresh();
      const ended = await service.app.inject({ url: '/v1/models', headers: { cookie: second.cookie } });
      expect(ended.statusCode).toBe(401);
    });

    it('cannot be had by trying: so many attempts a minute', async () => {
      const tries = await Promise.all(
        Array.from({ length: 30 }, () => login('rk_wrong', { 'x-forwarded-for': '1.2.3.4' })),
      );
      const statuses = tries.map(({ answer }) => answer.statusCode);
      expect(statuses).toContain(429);
      const refused = tries.find(({ answer }) => answer.statusCode === 429)?.answer;
      expect(refused?.json()).toMatchObject({ code: 'RATE_LIMITED', retryable: true });
      expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(0);
    });
  });
});
