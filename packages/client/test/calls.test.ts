import { describe, expect, it } from 'vitest';
import { createClient, ServiceError } from '../src/index.ts';
import { answerJson, answerProblem, aServer } from './a-server.ts';

describe('a call', () => {
  it('that was refused for want of room is sent again, bytes and all, when the service says', async () => {
    const bodies: number[] = [];
    await using server = await aServer((_request, response, body) => {
      bodies.push(body.length);
      if (bodies.length < 3)
        return answerProblem(response, 'OVERLOADED', 503, { retryable: true, headers: { 'retry-after': '0' } });
      answerJson(response, { model: {}, images: [], timings: { totalMs: 1 } });
    });
    const client = createClient({ baseUrl: server.address });
    await client.classify([{ name: 'a.jpg', bytes: new Uint8Array(1000) }]);
    expect(bodies).toHaveLength(3);
    expect(new Set(bodies).size).toBe(1);
    expect(bodies[0]).toBeGreaterThan(1000);
  });

  it('gives up after as many times as it was told', async () => {
    let asked = 0;
    await using server = await aServer((_request, response) => {
      asked++;
      answerProblem(response, 'RATE_LIMITED', 429, { retryable: true, headers: { 'retry-after': '0' } });
    });
    const client = createClient({ baseUrl: server.address, retries: 1 });
    await expect(client.models.list()).rejects.toMatchObject({ code: 'RATE_LIMITED', status: 429, retryable: true });
    expect(asked).toBe(2);
  });

  it('rejects with what the service said, with what answered in its place, or with that nothing did', async () => {
    const errors: ServiceError[] = [];
    await using server = await aServer((request, response) => {
      if (request.url === '/v1/models') return answerProblem(response, 'FORBIDDEN', 403);
      response.writeHead(404, { 'content-type': 'text/html' });
      response.end('<h1>Not here</h1>');
    });
    const client = createClient({ baseUrl: server.address, onError: (error) => errors.push(error) });
    await expect(client.models.list()).rejects.toMatchObject({
      code: 'FORBIDDEN',
      requestId: 'r-1',
      message: 'it is FORBIDDEN',
    });
    await expect(client.jobs.get('x')).rejects.toMatchObject({ code: 'NOT_THE_SERVICE', status: 404 });
    const nobody = createClient({ baseUrl: 'http://127.0.0.1:1', onError: (error) => errors.push(error) });
    await expect(nobody.models.list()).rejects.toBeInstanceOf(ServiceError);
    expect(errors.map(({ code }) => code)).toEqual(['FORBIDDEN', 'NOT_THE_SERVICE', 'UNREACHABLE']);
  });

  it('says who asks: by a key, or by a session with its token', async () => {
    const seen: Record<string, unknown>[] = [];
    await using server = await aServer((request, response) => {
      const { authorization, 'x-csrf-token': token } = request.headers;
      seen.push({ method: request.method, authorization, token });
      if (request.url === '/v1/session')
        return answerJson(response, { authentication: true, csrfToken: 'csrf-1', scopes: [] });
      answerJson(response, { models: [] });
    });
    await createClient({ baseUrl: server.address, apiKey: 'rk_1' }).models.list();
    const page = createClient({ baseUrl: server.address });
    await page.session.open('rk_2');
    await page.models.list();
    await page.models.load('birds');
    expect(seen).toEqual([
      { method: 'GET', authorization: 'Bearer rk_1', token: undefined },
      { method: 'POST', authorization: undefined, token: undefined },
      { method: 'GET', authorization: undefined, token: undefined },
      { method: 'POST', authorization: undefined, token: 'csrf-1' },
    ]);
  });

  it('names pictures as they are given: files in a form, addresses in JSON with bytes beside them', async () => {
    const seen: { type: string | undefined; body: string }[] = [];
    await using server = await aServer((request, response, body) => {
      seen.push({ type: request.headers['content-type'], body: body.toString('latin1') });
      answerJson(response, { images: [] });
    });
    const client = createClient({ baseUrl: server.address });
    await client.classify([new File(['abc'], 'lark.jpg', { type: 'image/jpeg' }), new Blob(['def'])], { top: 2 });
    await client.classify([{ url: 'https://example.org/a.jpg' }, { name: 'b.jpg', bytes: new Uint8Array([1, 2, 3]) }], {
      model: 'birds',
    });
    expect(seen[0]?.type).toMatch(/^multipart\/form-data/);
    expect(seen[0]?.body).toContain('filename="lark.jpg"');
    expect(seen[0]?.body).toContain('filename="1"');
    expect(JSON.parse(seen[1]?.body ?? '')).toEqual({
      sources: [{ url: 'https://example.org/a.jpg' }, { base64: 'AQID', name: 'b.jpg' }],
      model: 'birds',
    });
  });
});
