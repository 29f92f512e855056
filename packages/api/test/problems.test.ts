import { errorCodes } from '@rookery/contracts';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { isAnswered, statusOf } from '../src/http/status.ts';
import { aService } from './a-service.ts';

describe('errors', () => {
  it('have a status each, or never leave the service', () => {
    // Of workers, queues' messages, configurations and `rookery up`: an answer that carried one of these would be a bug.
    const inside = [
      'TASK_MALFORMED',
      'TASK_VERSION_UNKNOWN',
      'TASK_TOO_LARGE',
      'LEASE_LOST',
      'CONFIG_INVALID',
      'FOLDER_IN_USE',
    ];
    expect(errorCodes.filter((code) => !isAnswered(code)).sort()).toEqual(inside.sort());
    for (const code of errorCodes) expect(statusOf(code)).toBeGreaterThanOrEqual(400);
  });

  it('are problem documents everywhere, with the id of the request', async () => {
    await using service = await aService();
    const requests = [
      [{ url: '/nowhere' }, 404, 'ROUTE_NOT_FOUND'],
      [{ url: '/../../etc/passwd' }, 404, 'ROUTE_NOT_FOUND'],
      [{ url: '/v1/classify' }, 405, 'METHOD_NOT_ALLOWED'],
      [{ method: 'DELETE', url: '/v1/models' }, 405, 'METHOD_NOT_ALLOWED'],
      // Whatever is wrong with a body that nobody reads.
      [{ method: 'POST', url: '/v1/models', payload: '{', headers: json }, 405, 'METHOD_NOT_ALLOWED'],
      [{ method: 'PUT', url: '/nowhere', payload: '{', headers: json }, 404, 'ROUTE_NOT_FOUND'],
      [{ url: '/v1/models/Not%20A%20Name' }, 400, 'REQUEST_INVALID'],
      [{ url: '/v1/models/nowhere' }, 404, 'MODEL_NOT_FOUND'],
      [{ url: '/v1/models/%ff' }, 400, 'REQUEST_INVALID'],
      [
        { method: 'POST', url: '/v1/models/content/alias', payload: { alias: '../x', version: 'v' } },
        400,
        'REQUEST_INVALID',
      ],
      [
        { method: 'POST', url: '/v1/models/content/alias', payload: '{"alias":', headers: json },
        400,
        'REQUEST_INVALID',
      ],
      [{ method: 'POST', url: '/v1/models/content/alias', payload: {} }, 400, 'REQUEST_INVALID'],
      [
        { method: 'POST', url: '/v1/classify', payload: 'x', headers: { 'content-type': 'nonsense' } },
        415,
        'MEDIA_TYPE_UNSUPPORTED',
      ],
    ] as const;
    for (const [request, status, code] of requests) {
      const answer = await service.app.inject(request as { url: string });
      expect([request.url, answer.statusCode]).toEqual([request.url, status]);
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
      expect(answer.json()).toMatchObject({
        type: `urn:rookery:problem:${code}`,
        title: expect.any(String),
        status,
        code,
        retryable: false,
        requestId: answer.headers['x-request-id'],
      });
    }
  });

  it('show a caller nothing of what is wrong inside, and log it under the id', async () => {
    const lines: unknown[] = [];
    const log = {
      ...(await import('@rookery/telemetry')).silentLogger,
      error: (fields: unknown) => lines.push(fields),
    };
    await using service = await aService({ log: log as never });
    // A scope of its own: the server was made ready by nobody yet.
    service.app.get('/broken', { config: { access: 'public' }, schema: { hide: true } }, async () => {
      throw new Error('/home/somebody/secret is gone');
    });
    service.app.get(
      '/wrong',
      { config: { access: 'public' }, schema: { hide: true, response: { 200: z.object({ a: z.string() }) } } },
      async () => ({ a: 1 }) as never,
    );
    for (const url of ['/broken', '/wrong']) {
      const answer = await service.app.inject({ url, headers: { 'x-request-id': 'mine-1' } });
      expect(answer.statusCode).toBe(500);
      expect(answer.json()).toMatchObject({ code: 'INTERNAL', requestId: 'mine-1' });
      expect(answer.body).not.toContain('secret');
    }
    expect(lines).toMatchObject([{ requestId: 'mine-1' }, { requestId: 'mine-1' }]);
  });

  it('take the id of a request from its caller only where it is harmless', async () => {
    await using service = await aService();
    const idOf = async (id: string) =>
      (await service.app.inject({ url: '/health/live', headers: { 'x-request-id': id } })).headers['x-request-id'];
    expect(await idOf('a.b:c-1')).toBe('a.b:c-1');
    for (const wrong of ['', 'a b', '"}', 'x'.repeat(200), '<script>']) expect(await idOf(wrong)).not.toBe(wrong);
  });
});

const json = { 'content-type': 'application/json' };
