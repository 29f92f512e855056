import { Problem } from '@rookery/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OpenApiDocument } from '../src/openapi/document.ts';
import { JobFleet } from './a-fleet.ts';
import { Fuzzer, type FuzzRequest } from './fuzz.ts';

const { ROOKERY_FUZZ: asked = '' } = process.env;
const requests = Number(asked) || 10_000;
const timeMs = asked === '' ? 10_000 : 3_600_000;
const seed = Number(process.env.ROOKERY_FUZZ_SEED ?? 1);

let fleet: JobFleet;
let ids: string[];
beforeAll(async () => {
  fleet = await JobFleet.start({ jobs: { limits: { fleetStepMs: 200 } } });
  ids = [(await fleet.done(6, 'a')).id, (await fleet.done(1, 'b')).id];
});
afterAll(() => fleet[Symbol.asyncDispose]());

/** Half of the requests are about jobs, pictures and buckets that are there. */
function aimed(request: FuzzRequest, at: number): FuzzRequest {
  if (at % 2 === 0) return request;
  const id = ids[at % ids.length] ?? '';
  const url = request.url.replace(/^(\/v1\/jobs\/)[^/?]+/, `$1${id}`).replace(/([?&]key=)[^&]*/, '$1a/0001.jpg');
  const body = request.body?.toString('utf8').replace(/"bucket":"[^"]*"/g, `"bucket":"${fleet.bucket}"`);
  return { ...request, url, body: body === undefined ? undefined : Buffer.from(body) };
}

it(`jobs and uploads answer whatever is sent, never with a failure of the service (seed ${seed})`, async () => {
  const all: OpenApiDocument = await (await fleet.call('/openapi.json')).json();
  const paths = Object.entries(all.paths).filter(([path]) => /^\/v1\/(jobs|uploads|fleet)/.test(path));
  const fuzzer = new Fuzzer({ ...all, paths: Object.fromEntries(paths) }, seed);
  const statuses = new Map<number, number>();
  const until = performance.now() + timeMs;
  let sent = 0;
  while (sent < requests && performance.now() < until) {
    const { method, url, headers, body } = aimed(fuzzer.next(), sent);
    const answer = await fleet.app.inject({
      method: method as 'GET',
      url,
      headers: { host: 'localhost', ...headers },
      ...(body && { payload: body }),
    });
    const { statusCode: status } = answer;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    const shown = `#${sent} ${method} ${url} ${JSON.stringify(headers)} ${body?.toString('latin1').slice(0, 400)} -> ${status} ${answer.body.slice(0, 300)}`;
    if (status >= 500) expect.fail(shown);
    if (status >= 400) expect(Problem.safeParse(answer.json()).success, shown).toBe(true);
    // What it deletes is made again.
    if (method === 'DELETE' && status === 204) ids = [(await fleet.done(6, 'a')).id, (await fleet.done(1, 'b')).id];
    sent += 1;
  }
  expect(sent).toBeGreaterThan(50);
  expect(statuses.get(200) ?? 0).toBeGreaterThan(sent / 100);
  console.info(
    `fuzzed ${sent} requests: ${[...statuses]
      .sort(([a], [b]) => a - b)
      .map(([status, count]) => `${status} x ${count}`)
      .join(', ')}`,
  );
}, 3_600_000);
