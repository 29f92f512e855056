import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aConstantService, type ConstantService } from './a-constant-service.ts';
import { forEver } from './constant-engine.ts';
import { beginRequest, sendRaw } from './raw-http.ts';

const head = 'POST /v1/classify HTTP/1.1\r\nhost: localhost\r\ncontent-type: image/jpeg\r\n';

describe('a service that has more work than fits', () => {
  let service: ConstantService;
  beforeAll(async () => {
    service = await aConstantService({ limits: { waitMs: 200, requestsPerMinute: 1e9 } }, { pictureMs: 10 });
  });
  afterAll(() => service[Symbol.asyncDispose]());
  const ask = (headers: Record<string, string> = {}) =>
    fetch(`${service.api.address}/v1/classify`, {
      method: 'POST',
      headers: { 'content-type': 'image/jpeg', ...headers },
      body: 'x',
    });

  it('says so with the time after which to come again, and answers all that it let in', async () => {
    const answers = await Promise.all(Array.from({ length: 300 }, () => ask()));
    const good = answers.filter(({ status }) => status === 200);
    const refused = answers.filter(({ status }) => status === 503);
    expect(good.length + refused.length).toBe(300);
    expect(good.length).toBeGreaterThan(15);
    expect(refused.length).toBeGreaterThan(15);
    for (const answer of refused) {
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect(await answer.json()).toMatchObject({ code: 'OVERLOADED', retryable: true });
    }
    const metrics = await (await fetch(`${service.api.address}/metrics`)).text();
    expect(metrics).toMatch(/rookery_admission_refusals_total\{[^}]*reason="wait"[^}]*\} [1-9]/);
    expect((await ask()).status).toBe(200);
  });

  it('turns away before the body is there, and what could not keep its deadline', async () => {
    // As slow as before anything was measured: 5 ms each.
    await using stuck = await aConstantService({ limits: { waitMs: 200 } }, { pictureMs: forEver });
    const begin = (count: number) =>
      Promise.all(Array.from({ length: count }, () => beginRequest(stuck.port, `${head}content-length: 1\r\n\r\nx`)));
    const waiting = await begin(30);
    while (stuck.engine.load().pending < 30) await sleep(2);
    const late = await fetch(`${stuck.api.address}/v1/classify`, {
      method: 'POST',
      headers: { 'content-type': 'image/jpeg', 'request-timeout': '0.1' },
      body: 'x',
    });
    expect([late.status, ((await late.json()) as { code: string }).code]).toEqual([503, 'OVERLOADED']);
    waiting.push(...(await begin(30)));
    while (stuck.engine.load().pending < 41) await sleep(2);
    // Only the head: the answer does not wait for 30 MB.
    const [unsent, asked] = await Promise.all([
      sendRaw(stuck.port, [`${head}content-length: 30000000\r\n\r\n`], 300),
      sendRaw(stuck.port, [`${head}content-length: 30000000\r\nexpect: 100-continue\r\n\r\n`], 300),
    ]);
    for (const answer of [unsent, asked])
      expect([answer.status, answer.text.includes('OVERLOADED')]).toEqual([503, true]);
    expect([asked.closed, asked.text.includes('100 Continue')]).toEqual([true, false]);
    for (const socket of waiting) socket.destroy();
  });

  it('lets a client that asks first send its body when there is room', async () => {
    while (service.engine.load().pending > 0) await sleep(5);
    const socket = await beginRequest(service.port, `${head}content-length: 3\r\nexpect: 100-continue\r\n\r\n`);
    let text = '';
    socket.on('data', (data) => {
      text += data;
      if (text === 'HTTP/1.1 100 Continue\r\n\r\n') socket.write('abc');
    });
    while (!text.includes('HTTP/1.1 200 OK')) await sleep(5);
    socket.destroy();
  });
});
