import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aConstantService, type ConstantService } from './a-constant-service.ts';
import { forEver } from './constant-engine.ts';
import { formOf } from './forms.ts';
import { beginRequest, sendRaw } from './raw-http.ts';

const host = 'host: localhost\r\n';
const picture = 'POST /v1/classify HTTP/1.1\r\nhost: localhost\r\ncontent-type: image/jpeg\r\n';

describe('what is too much', () => {
  let service: ConstantService;
  beforeAll(async () => {
    service = await aConstantService({
      limits: {
        bodyBytes: 4_000,
        pictureBytes: 1_000,
        pictures: 3,
        headerBytes: 4_096,
        headersMs: 1_000,
        bodyMs: 1_500,
        requestMs: 3_000,
        requestsPerMinute: 1_000_000,
      },
    });
  });
  afterAll(() => service[Symbol.asyncDispose]());

  const post = (body: Uint8Array<ArrayBuffer> | string, headers: Record<string, string>) =>
    fetch(`${service.api.address}/v1/classify`, { method: 'POST', headers, body });
  const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code?: string }).code];

  it('of one picture is refused, announced or not', async () => {
    expect(await codeOf(await post(Buffer.alloc(1_001), { 'content-type': 'image/png' }))).toEqual([
      413,
      'SOURCE_TOO_MANY_BYTES',
    ]);
    const chunk = `3e8\r\n${'x'.repeat(1_000)}\r\n`;
    const streamed = await sendRaw(service.port, [
      `${picture}transfer-encoding: chunked\r\n\r\n`,
      chunk,
      chunk,
      '0\r\n\r\n',
    ]);
    expect(streamed.status).toBe(413);
    expect((await post(Buffer.alloc(1_000, 1), { 'content-type': 'image/png' })).status).toBe(200);
  });

  it('of a body is refused', async () => {
    const json = JSON.stringify({ sources: [{ base64: 'A'.repeat(4_100) }] });
    expect(await codeOf(await post(json, { 'content-type': 'application/json' }))).toEqual([
      413,
      'SOURCE_TOO_MANY_BYTES',
    ]);
    const within = JSON.stringify({ sources: [{ base64: 'A'.repeat(1_340) }] });
    const answer = await post(within, { 'content-type': 'application/json' });
    expect(answer.status).toBe(200);
    expect(((await answer.json()) as { images: object[] }).images[0]).toMatchObject({
      error: { code: 'SOURCE_TOO_MANY_BYTES' },
    });
  });

  it('of pictures, fields or parts of a form is refused', async () => {
    const file = (at: number, bytes = 10) => ({ name: `f${at}`, filename: `${at}.jpg`, bytes: Buffer.alloc(bytes, 1) });
    const field = (at: number) => ({ name: `field${at}`, value: 'x' });
    const send = (parts: Parameters<typeof formOf>[0]) => {
      const { payload, headers } = formOf(parts);
      return post(Uint8Array.from(payload), headers);
    };
    expect((await send([0, 1, 2].map((at) => file(at)))).status).toBe(200);
    expect(await codeOf(await send([0, 1, 2, 3].map((at) => file(at))))).toEqual([413, 'REQUEST_TOO_LARGE']);
    expect((await send(Array.from({ length: 20 }, (_, at) => field(at)))).status).toBeGreaterThanOrEqual(400);
    expect((await send([{ name: 'model', value: 'x'.repeat(5_000) }, file(0)])).status).toBeGreaterThanOrEqual(400);
    const large = await send([file(0, 1_001), file(1)]);
    expect(large.status).toBe(413);
    expect((await send([file(0), { name: 'top', value: '3' }])).status).toBe(400);
    expect((await send([])).status).toBe(400);
  });

  it('of a form that is no form is refused', async () => {
    const broken = [
      { payload: 'nothing of a form', headers: { 'content-type': 'multipart/form-data; boundary=x' } },
      { payload: '--x\r\n\r\n', headers: { 'content-type': 'multipart/form-data' } },
      {
        payload: '--x\r\ncontent-disposition: form-data; name="a"; filename="a"\r\n\r\nhalf',
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
      },
      {
        payload: `--x\r\n${'a: b\r\n'.repeat(2_000)}\r\n--x--`,
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
      },
    ];
    for (const { payload, headers } of broken) {
      const { status } = await post(payload, headers);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    }
  });

  it('of a form is read to its end: the answer is heard, and the next request on the connection', async () => {
    const head = 'content-disposition: form-data; name="f"; filename="a.jpg"\r\n\r\n';
    const many = `--x\r\n${head}${'y'.repeat(900)}\r\n`.repeat(3_000);
    for (const first of ['content-disposition: form-data; name="unknown"\r\n\r\n1', `${head}${'y'.repeat(2_000)}`]) {
      const body = `--x\r\n${first}\r\n${many}--x--\r\n`;
      const { text } = await sendRaw(service.port, [
        `POST /v1/classify HTTP/1.1\r\n${host}content-type: multipart/form-data; boundary=x\r\ncontent-length: ${body.length}\r\n\r\n`,
        body,
        `GET /health/live HTTP/1.1\r\n${host}connection: close\r\n\r\n`,
      ]);
      expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual([expect.stringMatching(/ 4\d\d$/), 'HTTP/1.1 200']);
    }
  });

  it('of a form cannot hide in a part that is neither a field nor a file', async () => {
    // Larger than what a stream holds, smaller than what a connection is read by.
    for (const bytes of [10, 20_000, 200_000]) {
      const body = `--x\r\ncontent-type: image/jpeg\r\n\r\n${'y'.repeat(bytes)}\r\n--x--\r\n`;
      const answer = await sendRaw(service.port, [
        `POST /v1/classify HTTP/1.1\r\n${host}content-type: multipart/form-data; boundary=x\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      ]);
      expect([bytes, answer.status]).toEqual([bytes, 400]);
    }
  });

  it('of headers is refused', async () => {
    const answer = await sendRaw(service.port, [`GET /health/live HTTP/1.1\r\n${host}x: ${'y'.repeat(5_000)}\r\n\r\n`]);
    expect([answer.status, answer.closed]).toEqual([431, true]);
    expect(answer.text).toContain('HEADERS_TOO_LARGE');
  });

  it('of time for headers or a body ends the request', async () => {
    const headers = await sendRaw(service.port, [`GET /health/live HTTP/1.1\r\n${host}x: `], 6_000);
    expect([headers.status, headers.closed]).toEqual([408, true]);
    expect(headers.text).toContain('REQUEST_TOO_SLOW');
    const body = await sendRaw(service.port, [`${picture}content-length: 500\r\n\r\n`, 'half of it'], 6_000);
    expect([body.status, body.closed]).toEqual([408, true]);
    const form = await sendRaw(service.port, [
      `POST /v1/classify HTTP/1.1\r\n${host}content-type: multipart/form-data; boundary=x\r\nrequest-timeout: 0.3\r\ncontent-length: 500\r\n\r\n--x\r\n`,
    ]);
    expect([form.status, form.text]).toEqual([504, expect.stringContaining('TIMED_OUT')]);
  }, 20_000);

  it('of one and of another request cannot be sent as a third', async () => {
    const smuggled = [
      `${picture}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\n${host}\r\n`,
      `${picture}content-length: 5\r\ncontent-length: 6\r\n\r\nabcdef`,
      `${picture}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
      `${picture}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`,
      `${picture}content-length: +5\r\n\r\nabcde`,
      `${picture}content-length: -1\r\n\r\n`,
      `${picture}transfer-encoding : chunked\r\n\r\n0\r\n\r\n`,
      `${picture}x: a\nb: c\r\n\r\n`,
      `${picture} folded: header\r\n\r\n`,
      `GET /health/live HTTP/1.1\r\n\r\n`,
      `GET /health/live HTTP/1.1\r\n${host}Host: elsewhere.example\r\nconnection: close\r\n\r\n`,
      `GET /health/live HTTP/9.1\r\n${host}\r\n`,
      `GE\0T /health/live HTTP/1.1\r\n${host}\r\n`,
      `\x16\x03\x01\x02\x00\x01\x00`,
    ];
    for (const bytes of smuggled) {
      const { status, text, closed } = await sendRaw(service.port, [bytes], 500);
      expect([JSON.stringify(bytes), status >= 400 && status < 500 && closed]).toEqual([JSON.stringify(bytes), true]);
      expect(text.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
      const [, id] = /^x-request-id: (\S+)\r$/m.exec(text) ?? [];
      expect(JSON.parse(text.slice(text.indexOf('{')))).toMatchObject({
        status,
        requestId: id,
        code: expect.any(String),
      });
    }
  });

  it('of expectations is no reason to refuse anything', async () => {
    const odd = await sendRaw(service.port, [
      `${picture}expect: 200-better\r\nconnection: close\r\ncontent-length: 3\r\n\r\nabc`,
    ]);
    expect([odd.status, odd.text.match(/HTTP\/1\.1 \d/g)?.length]).toEqual([200, 1]);
  });

  it('of a deadline: the work is dropped and the answer says so', async () => {
    await using slow = await aConstantService({}, { pictureMs: 400 });
    const ask = (seconds: string) =>
      fetch(`${slow.api.address}/v1/classify`, {
        method: 'POST',
        headers: { 'content-type': 'image/jpeg', 'request-timeout': seconds },
        body: 'x',
      });
    expect(await codeOf(await ask('0.1'))).toEqual([504, 'TIMED_OUT']);
    expect(slow.engine.dropped).toBe(1);
    expect((await ask('5')).status).toBe(200);
    for (const wrong of ['0', '-1', 'soon', '1e3']) expect((await ask(wrong)).status).toBe(400);
  });

  it('frees the work of a client that vanishes', async () => {
    await using slow = await aConstantService({}, { pictureMs: forEver });
    const sockets = await Promise.all(
      Array.from({ length: 10 }, () => beginRequest(slow.port, `${picture}content-length: 3\r\n\r\nabc`)),
    );
    while (slow.engine.load().pending < 10) await sleep(5);
    for (const socket of sockets) socket.destroy();
    await Promise.all(sockets.map((socket) => socket.closed || once(socket, 'close')));
    while (slow.engine.load().pending > 0) await sleep(5);
    expect(slow.engine.dropped).toBe(10);
    const metrics = await (await fetch(`${slow.api.address}/metrics`)).text();
    expect(metrics).toMatch(/rookery_pending_pictures\{[^}]*\} 0\n/);
    expect(metrics).toMatch(/rookery_request_bytes\{[^}]*\} 0\n/);
    // Also one that vanishes in the middle of its body.
    const half = await beginRequest(slow.port, `${picture}content-length: 300\r\n\r\nabc`);
    await sleep(50);
    half.destroy();
    expect((await fetch(`${slow.api.address}/health/ready`)).status).toBe(200);
  });

  it.each([1, 20])('gives up %i pictures at the engine when another one fails their request', async (pictures) => {
    const large = Buffer.alloc(900).toString('base64');
    const sources = [...Array.from({ length: pictures }, () => ({ base64: 'AAAA' })), { base64: large }];
    const body = JSON.stringify({ sources });
    // Room for all but the last one.
    const heldBytes = body.length + 3 * pictures + 100;
    await using slow = await aConstantService({ limits: { heldBytes } }, { pictureMs: forEver });
    const answer = await fetch(`${slow.api.address}/v1/classify`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(await codeOf(answer)).toEqual([503, 'OVERLOADED']);
    while (slow.engine.load().pending > 0) await sleep(5);
    expect(slow.engine.dropped).toBe(pictures);
  });

  it('of requests by one caller is refused for a while', async () => {
    await using limited = await aConstantService({ limits: { requestsPerMinute: 5 } });
    const statuses: number[] = [];
    for (let at = 0; at < 7; at++) statuses.push((await fetch(`${limited.api.address}/v1/models`)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
    const refused = await fetch(`${limited.api.address}/v1/models`);
    expect(await refused.json()).toMatchObject({ code: 'RATE_LIMITED', retryable: true });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    // A load balancer asks on.
    expect((await fetch(`${limited.api.address}/health/live`)).status).toBe(200);
  });
});
