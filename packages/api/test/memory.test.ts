import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aConstantService, type ConstantService } from './a-constant-service.ts';
import { formOf } from './forms.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes that are held after everything that can go has gone. */
async function held(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}

describe('a service that has answered many requests', () => {
  let service: ConstantService;
  beforeAll(async () => {
    service = await aConstantService({ limits: { requestsPerMinute: 1e9 } });
  });
  afterAll(() => service[Symbol.asyncDispose]());

  it('holds what it held before, whatever was asked and however it ended', async () => {
    const picture = Buffer.alloc(16_000, 1);
    const form = formOf([{ name: 'a', filename: 'a.jpg', bytes: picture }]);
    const url = `${service.api.address}/v1/classify`;
    const post = (headers: Record<string, string>, body: Uint8Array<ArrayBuffer> | string, path = url) =>
      fetch(path, { method: 'POST', headers, body }).then((answer) => answer.arrayBuffer());
    const abandoned = async () => {
      const controller = new AbortController();
      const asked = fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'image/jpeg' },
        body: picture,
        signal: controller.signal,
      });
      controller.abort();
      await asked.catch(() => {});
    };
    const kinds = [
      () => post({ 'content-type': 'image/jpeg' }, picture),
      () => post(form.headers, Uint8Array.from(form.payload)),
      () =>
        post(
          { 'content-type': 'application/json' },
          JSON.stringify({ sources: [{ base64: picture.toString('base64') }] }),
        ),
      () => post({ 'content-type': 'application/json' }, '{"sources":[]}'),
      () => post({ 'content-type': 'text/plain' }, picture),
      () => post({ 'content-type': 'image/jpeg' }, picture, `${url}?model=nowhere`),
      () => post({ 'content-type': 'image/jpeg', 'x-request-id': String(Math.random()) }, picture),
      abandoned,
    ];
    const many = async (rounds: number) => {
      for (let round = 0; round < rounds; round++) await Promise.all(kinds.map((kind) => kind()));
    };
    await many(100);
    const before = await held();
    await many(250);
    const first = await held();
    await many(250);
    const second = await held();
    // 2,000 requests each: a kilobyte of each would be two megabytes.
    expect(Math.min(first - before, second - first)).toBeLessThan(1_200_000);
  }, 120_000);
});
