import type { Scope } from '@rookery/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { JobFleet } from './a-fleet.ts';
import { readEvents } from './an-event-stream.ts';

let fleet: JobFleet;
let id: string;
let revoked = '';
beforeAll(async () => {
  const find = (text: string) =>
    ['classify', 'jobs', 'models', 'admin'].includes(text) && text !== revoked
      ? { id: text, name: text, scopes: [text as Scope], createdAt: '2026-11-24T00:00:00.000Z' }
      : undefined;
  fleet = await JobFleet.start({
    worker: false,
    jobs: { limits: { heartbeatMs: 100 } },
    api: { auth: { kind: 'keys', keys: { find, get: find } } },
  });
  await fleet.photos(1);
  const source = { kind: 'prefix', bucket: fleet.bucket, prefix: 'a/' };
  id = (await fleet.job({ source }, { 'x-api-key': 'jobs' })).id;
});
afterAll(() => fleet[Symbol.asyncDispose]());

const calls: readonly (readonly [method: string, path: () => string])[] = [
  ['GET', () => '/v1/jobs'],
  ['POST', () => '/v1/jobs'],
  ['GET', () => `/v1/jobs/${id}`],
  ['GET', () => `/v1/jobs/${id}/events`],
  ['GET', () => `/v1/jobs/${id}/lines`],
  ['GET', () => `/v1/jobs/${id}/results`],
  ['GET', () => `/v1/jobs/${id}/picture?key=a`],
  ['POST', () => `/v1/jobs/${id}/cancel`],
  ['POST', () => `/v1/jobs/${id}/retry`],
  ['POST', () => `/v1/jobs/${id}/reconcile`],
  ['POST', () => '/v1/uploads'],
  ['GET', () => '/v1/uploads/aaaaaaaa'],
  ['GET', () => '/v1/fleet'],
  ['GET', () => '/v1/fleet/events'],
];

it.each(calls)('%s %s asks for a key with the scope jobs', async (method, path) => {
  const status = async (headers: Record<string, string>) => {
    const answer = await fleet.call(path(), { method, headers });
    await answer.body?.cancel();
    return answer.status;
  };
  expect(await status({})).toBe(401);
  expect(await status({ 'x-api-key': 'classify' })).toBe(403);
  expect(await status({ 'x-api-key': 'models' })).toBe(403);
});

it.each([
  ['DELETE', (): string => `/v1/jobs/${id}?force=true`],
  ['GET', (): string => '/queues'],
  ['PUT', (): string => '/queues/api/queues/x/pause'],
] as const)('%s %s asks for admin', async (method, path) => {
  expect((await fleet.call(path(), { method, headers: { 'x-api-key': 'jobs' } })).status).toBe(403);
  expect((await fleet.call(path(), { method, headers: { 'x-api-key': 'admin' } })).status).not.toBe(403);
});

it('streams of events end when their key is revoked', async () => {
  const headers = { 'x-api-key': 'jobs' };
  const source = { kind: 'prefix', bucket: fleet.bucket, prefix: 'a/' };
  const { id: job } = await fleet.job({ source }, headers);
  const streams = await Promise.all(
    [`/v1/jobs/${job}/events`, '/v1/fleet/events'].map((path) => fleet.call(path, { headers })),
  );
  expect(streams.map(({ status }) => status)).toEqual([200, 200]);
  revoked = 'jobs';
  try {
    const read = await Promise.all(streams.map((stream) => readEvents(stream)));
    expect(read.map(({ ended }) => ended)).toEqual([true, true]);
    expect((await fleet.call('/v1/fleet/events', { headers })).status).toBe(401);
  } finally {
    revoked = '';
  }
});

it("two callers' idempotency keys have nothing to do with each other", async () => {
  const source = { kind: 'prefix', bucket: fleet.bucket, prefix: 'a/' };
  const by = async (key: string) => (await fleet.job({ source }, { 'x-api-key': key, 'idempotency-key': 'ours' })).id;
  const mine = await by('jobs');
  expect(await by('admin')).not.toBe(mine);
  expect(await by('jobs')).toBe(mine);
});
