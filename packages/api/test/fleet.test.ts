import { type FleetFigures, fleetLayout, type WorkerBeat } from '@rookery/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { JobFleet } from './a-fleet.ts';
import { aPhotograph, aService } from './a-service.ts';
import { readEvents } from './an-event-stream.ts';

let fleet: JobFleet;
beforeAll(async () => {
  fleet = await JobFleet.start({ jobs: { limits: { fleetStepMs: 100, perCaller: 2 } } });
  await fleet.worker?.whenReady;
});
afterAll(() => fleet[Symbol.asyncDispose]());

const figures = async (of = fleet): Promise<FleetFigures> => (await of.call('/v1/fleet')).json();
const points = async (): Promise<FleetFigures['series']> => (await figures()).series;

it('shows the worker inside the service, its model, the queues, and a point each step', async () => {
  await expect.poll(async () => (await points()).length).toBeGreaterThan(3);
  await expect
    .poll(async () => (await figures()).workers)
    .toMatchObject([{ kind: 'embedded', state: 'ready', model: expect.stringMatching(/^content@/) }]);
  const { queues, series, stepMs, dashboard } = await figures();
  expect(queues.map(({ name, dead }) => [name, dead])).toEqual([
    ['test-events', 0],
    ['test-jobs', 0],
  ]);
  expect([stepMs, dashboard]).toEqual([100, null]);
  expect(series.map(({ at }) => at)).toEqual(series.map(({ at }) => at).sort());
});

it('counts the pictures that workers label, and those answered at once with their latency', async () => {
  await fleet.done(12, 'counted');
  await expect.poll(async () => (await points()).some(({ picturesPerSecond }) => picturesPerSecond > 0)).toBe(true);
  expect((await points()).every(({ p50Ms }) => p50Ms === null)).toBe(true);
  const body = new Uint8Array(await aPhotograph());
  const classify = () =>
    fleet.call('/v1/classify', { method: 'POST', body, headers: { 'content-type': 'image/jpeg' } });
  expect((await classify()).status).toBe(200);
  await expect
    .poll(async () => (await points()).some(({ p50Ms, p95Ms }) => (p50Ms ?? 0) > 0 && (p95Ms ?? 0) > 0))
    .toBe(true);
});

it('shows workers elsewhere by the signs of life that they leave in the store', async () => {
  const other = await JobFleet.start({ worker: false, jobs: { limits: { fleetStepMs: 50 } } });
  const beat: WorkerBeat = {
    v: 1,
    id: 'host-7-abc',
    startedAt: '2026-11-24T12:00:00.000Z',
    uptimeMs: 1_000,
    state: 'ready',
    model: 'birds@1',
    pictures: 10,
    p50Ms: 4,
    p95Ms: 9,
    drift: 'stable',
    cannot: [],
  };
  await other.parts.store.put(fleetLayout.worker(beat.id), JSON.stringify(beat));
  await other.parts.store.put(fleetLayout.worker('bad'), 'no JSON');
  const restarted = await JobFleet.start({
    folder: other.folder,
    worker: false,
    jobs: { limits: { fleetStepMs: 50 } },
  });
  await expect
    .poll(async () => (await figures(restarted)).workers)
    .toEqual([
      {
        drift: 'stable',
        id: beat.id,
        kind: 'remote',
        state: 'ready',
        model: 'birds@1',
        picturesPerSecond: null,
        p50Ms: 4,
        p95Ms: 9,
        startedAt: beat.startedAt,
      },
    ]);
  await restarted[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

it('is followed: everything first, then what is new, on from where a stream broke', async () => {
  await expect.poll(async () => (await points()).length).toBeGreaterThan(3);
  const { events } = await readEvents(await fleet.call('/v1/fleet/events'), (all) => all.length > 2);
  expect(events[0]?.data.series.length).toBeGreaterThan(3);
  expect(events.slice(1).map(({ data }) => data.series.length)).toEqual([1, 1]);
  const id = events[1]?.id ?? '';
  const again = await fleet.call('/v1/fleet/events', { headers: { 'last-event-id': id } });
  const [next] = (await readEvents(again, (all) => all.length > 0)).events;
  expect(next?.data.series[0].at).toBe(events[2]?.id);
});

it('has so many streams for one caller', async () => {
  const held = [await fleet.call('/v1/fleet/events'), await fleet.call('/v1/fleet/events')];
  expect((await fleet.call('/v1/fleet/events')).status).toBe(429);
  for (const answer of held) await answer.body?.cancel();
});

it('is shown without jobs, too', async () => {
  await using service = await aService();
  const answer = await service.app.inject({ url: '/v1/fleet', headers: { host: 'localhost' } });
  expect(answer.json()).toMatchObject({ workers: [], queues: [], dashboard: null });
});

it('queues that are not BullMQ have no dashboard, and a service without a store no jobs: both say so', async () => {
  const queues = await fleet.call('/queues');
  expect([queues.status, (await queues.json()).detail]).toEqual([
    404,
    "only BullMQ's queues (redis://) have a dashboard",
  ]);
  await using service = await aService();
  for (const url of ['/v1/jobs', '/v1/jobs/a', '/v1/uploads/aaaaaaaa']) {
    const answer = await service.app.inject({ url, headers: { host: 'localhost' } });
    expect([answer.statusCode, answer.json().code]).toEqual([404, 'ROUTE_NOT_FOUND']);
  }
});
