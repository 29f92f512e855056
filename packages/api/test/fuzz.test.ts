import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Problem } from '@rookery/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenApiDocument } from '../src/openapi/document.ts';
import { aService, type TestService } from './a-service.ts';
import { ConstantEngine } from './constant-engine.ts';
import { Fuzzer, type FuzzRequest } from './fuzz.ts';

/** ROOKERY_FUZZ=10000 asks for all of them; CI does what fits into its time. */
const { ROOKERY_FUZZ: asked = '' } = process.env;
const requests = Number(asked) || 10_000;
const timeMs = asked === '' ? 10_000 : 3_600_000;
const seed = Number(process.env.ROOKERY_FUZZ_SEED ?? 1);
/** Says what is missing rather than what is broken. */
const notOffered = 501;

describe('whatever is sent over the OpenAPI document', () => {
  let service: TestService;
  let folder: string;
  let document: OpenApiDocument;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rookery-fuzz-'));
    service = await aService(
      // Every address is refused or not there: nothing is fetched.
      { localRoot: folder, limits: { fetchMs: 300, requestsPerMinute: 1e9 } },
      { open: async () => new ConstantEngine() },
    );
    document = (await service.app.inject('/openapi.json')).json();
  });
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it(`is answered as documented, never with a failure of the service (seed ${seed})`, async () => {
    const fuzzer = new Fuzzer(document, seed);
    const until = performance.now() + timeMs;
    const statuses = new Map<number, number>();
    let sent = 0;
    while (sent < requests && performance.now() < until) {
      const request = fuzzer.next();
      const answer = await withinTime(request, async () =>
        service.app.inject({
          method: request.method as 'GET',
          url: request.url,
          headers: request.headers,
          ...(request.body && { payload: request.body }),
        }),
      );
      const { statusCode: status } = answer;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const shown = `#${sent} ${request.method} ${request.url} ${JSON.stringify(request.headers)} ${request.body?.toString('latin1').slice(0, 300)} -> ${status} ${answer.body.slice(0, 300)}`;
      if (status >= 500 && status !== notOffered) expect.fail(shown);
      if (status >= 400) {
        expect(answer.headers['content-type'], shown).toMatch(/^application\/problem\+json/);
        expect(Problem.safeParse(answer.json()).success, shown).toBe(true);
      }
      sent += 1;
    }
    expect(sent).toBeGreaterThan(100);
    // It must get through to the work as well, not only be turned away.
    expect(statuses.get(200) ?? 0).toBeGreaterThan(sent / 100);
    console.info(
      `fuzzed ${sent} requests, seed ${seed}: ${[...statuses]
        .sort(([a], [b]) => a - b)
        .map(([status, count]) => `${status} x ${count}`)
        .join(', ')}`,
    );
  }, 3_600_000);

  it('leaves nothing behind', async () => {
    const { body } = await service.app.inject('/metrics');
    expect(body).toMatch(/rookery_pending_pictures\{[^}]*\} 0\n/);
    expect(body).toMatch(/rookery_request_bytes\{[^}]*\} 0\n/);
    expect((await service.app.inject('/health/ready')).statusCode).toBe(200);
  });
});

async function withinTime<T>(request: FuzzRequest, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer to ${request.method} ${request.url}`)), 30_000);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
