import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JobLedger } from '@rookery/jobs';
import { Feeder } from '@rookery/producer';
import { openQueue } from '@rookery/queue';
import { openStore } from '@rookery/storage';
import { silentLogger } from '@rookery/telemetry';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { JobFleet } from './a-fleet.ts';
import { readEvents } from './an-event-stream.ts';

const { redis } = inject('services');

describe.skipIf(!redis.available)('jobs on Redis', () => {
  const name = `api-${process.pid}`;
  let folder: string;
  let fleet: JobFleet;
  let close: () => Promise<void>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rookery-redis-'));
    const store = await openStore(join(folder, 'store'));
    const open = (lane: string) =>
      openQueue({ kind: 'bullmq', url: redis.url, name: `${name}-${lane}`, leaseMs: 5_000 });
    const queues = { events: await open('events'), jobs: await open('jobs') };
    const feeder = new Feeder({ ledger: new JobLedger(store), queue: queues.jobs, log: silentLogger });
    feeder.start();
    const dashboard = { url: redis.url, names: [`${name}-events`, `${name}-jobs`] };
    fleet = await JobFleet.start({
      folder,
      jobs: { queues, feeder, dashboard, limits: { fleetStepMs: 100 } },
      worker: false,
    });
    close = async () => {
      await feeder[Symbol.asyncDispose]();
      await Promise.all([queues.events[Symbol.asyncDispose](), queues.jobs[Symbol.asyncDispose]()]);
    };
  });
  afterAll(async () => {
    await fleet?.[Symbol.asyncDispose]();
    await close?.();
    await rm(folder, { recursive: true, force: true });
  });

  it('are done by a worker elsewhere, followed and shown, and BullMQ has its dashboard', async () => {
    await fleet.photos(6, 'p');
    const { id } = await fleet.job({ source: { kind: 'prefix', bucket: fleet.bucket, prefix: 'p/' } });
    await expect
      .poll(async () => (await (await fleet.call('/v1/fleet')).json()).queues[1].ready, { timeout: 20_000 })
      .toBe(6);
    const page = await fleet.call('/queues');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const html = await page.text();
    expect(html).toContain('<base href="/queues/');
    expect(html).not.toMatch(/(href|src)="https?:/);
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self';");
    const script = /src="(static\/js\/main[^"]+)"/.exec(html)?.[1];
    const file = await fleet.call(`/queues/${script}`);
    expect([file.status, file.headers.get('content-type')]).toEqual([200, expect.stringContaining('javascript')]);
    await file.body?.cancel();
    const { queues } = await (
      await fleet.call(`/queues/api/queues?activeQueue=${name}-jobs&status=waiting&page=1`)
    ).json();
    const jobs = queues.find((queue: { name: string }) => queue.name === `${name}-jobs`);
    expect(jobs.counts.waiting + (jobs.counts.prioritized ?? 0)).toBe(6);
    expect(jobs.jobs.map(({ name: task }: { name: string }) => task)).toContain(`${id}/0`);

    const watching = readEvents(await fleet.call(`/v1/jobs/${id}/events`));
    const { startWorker } = await import('@rookery/worker');
    const { openRegistry } = await import('@rookery/models');
    const { store, buckets, queues: lanes } = fleet.parts;
    const registry = openRegistry({ folder: join(folder, 'models') });
    const worker = await startWorker({ queues: lanes, store, buckets, registry, lifeSigns: true });
    expect((await watching).events.at(-1)).toMatchObject({ event: 'end', data: { state: 'complete', failed: 0 } });
    await expect
      .poll(async () => (await (await fleet.call('/v1/fleet')).json()).workers, { timeout: 20_000 })
      .toMatchObject([{ kind: 'remote', state: 'ready' }]);
    await worker.stop({ graceMs: 1_000 });
  });

  it('are reconciled after the queue was lost', async () => {
    await fleet.photos(2, 'q');
    const { id } = await fleet.job({ source: { kind: 'prefix', bucket: fleet.bucket, prefix: 'q/' } });
    const depth = () => fleet.parts.queues.jobs.depth();
    await expect.poll(async () => (await depth()).ready, { timeout: 20_000 }).toBe(2);
    for (const delivery of await fleet.parts.queues.jobs.receive(10, { waitMs: 1_000 })) await delivery.ack();
    await expect.poll(async () => (await depth()).ready).toBe(0);
    const answer = await fleet.call(`/v1/jobs/${id}/reconcile`, { method: 'POST' });
    expect(await answer.json()).toEqual({ tasks: 2 });
    expect((await depth()).ready).toBe(2);
  });

  it('keep their dashboard from whoever may not see it', async () => {
    const key = { id: 'k', name: 'k', scopes: ['jobs'] as const, createdAt: '' };
    const closed = await JobFleet.start({
      worker: false,
      api: { auth: { kind: 'keys', keys: { find: (text) => (text === 'good' ? key : undefined), get: () => key } } },
      jobs: { dashboard: { url: redis.url, names: [`${name}-jobs`] } },
    });
    expect((await closed.call('/queues')).status).toBe(401);
    expect((await closed.call('/queues/api/queues', { headers: { 'x-api-key': 'good' } })).status).toBe(403);
    await closed[Symbol.asyncDispose]();
  });

  it('let a page with a session change things in the dashboard, and no other page', async () => {
    const key = { id: 'abcdefghij', name: 'k', scopes: ['admin'] as const, createdAt: '' };
    const find = (text: string) => (text === 'rk_good' ? key : undefined);
    const own = await JobFleet.start({
      worker: false,
      api: { auth: { kind: 'keys', keys: { find, get: () => key } } },
      jobs: { dashboard: { url: redis.url, names: [`${name}-jobs`] } },
    });
    const begun = await own.call('/v1/session', { json: { key: 'rk_good' } });
    const cookie = begun.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const page = await own.call('/queues', { headers: { cookie } });
    const [, token = ''] =
      /XSRF-TOKEN=([^;]+); Path=\/queues; SameSite=Strict/.exec(page.headers.getSetCookie().join()) ?? [];
    const pause = (headers: Record<string, string>) =>
      own.call(`/queues/api/queues/${name}-jobs/pause`, { method: 'PUT', headers: { cookie, ...headers } });
    expect((await pause({})).status).toBe(403);
    expect((await pause({ 'x-xsrf-token': 'another' })).status).toBe(403);
    expect((await pause({ 'x-xsrf-token': decodeURIComponent(token) })).status).toBe(200);
    expect(
      (
        await own.call(`/queues/api/queues/${name}-jobs/resume`, {
          method: 'PUT',
          headers: { cookie, 'x-xsrf-token': decodeURIComponent(token) },
        })
      ).status,
    ).toBe(200);
    await own[Symbol.asyncDispose]();
  });

  it('count a request to the dashboard as answered', async () => {
    await (await fleet.call('/queues')).text();
    const inFlight = async () =>
      /^http_requests_in_flight.* (\d+)$/m.exec(await (await fleet.call('/metrics')).text())?.[1];
    // Only the one that asks.
    await expect.poll(inFlight).toBe('1');
  });
});
