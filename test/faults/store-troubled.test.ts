import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { type S3FaultProxy, startS3FaultProxy } from '../services/index.ts';
import { redisQueue, type StorePlace } from './harness/backends.ts';
import { expectUndisturbed } from './harness/expectations.ts';
import { Fleet } from './harness/fleet.ts';
import { type S3World, startS3World } from './harness/s3-world.ts';
import { everyFault, storeFaults } from './harness/store-faults.ts';
import { undisturbedIn } from './harness/undisturbed.ts';

const { redis, s3 } = inject('services');
/** For how long all requests fail: longer than a lease, so that what a worker holds must stay its own. With `--long` a minute. */
const downMs = process.env.ROOKERY_FAULTS_LONG ? 60_000 : 3_000;
/** Nothing is answered; with `--long` for longer than a client waits. */
const stallMs = process.env.ROOKERY_FAULTS_LONG ? 30_000 : 2_000;

describe.skipIf(!redis.available || !s3.available)('a store', { timeout: 900_000 }, () => {
  let world: S3World;
  let proxy: S3FaultProxy;
  let fleet: Fleet;
  let pictures: StorePlace;
  beforeEach(async () => {
    world = await startS3World();
    proxy = await startS3FaultProxy({
      endpoint: world.server.endpoint,
      seed: Number(process.env.ROOKERY_FAULTS_SEED ?? 1),
    });
    pictures = world.pictures(proxy.endpoint);
    fleet = await Fleet.open({ queue: redisQueue(redis.url), pictures, store: world.store(proxy.endpoint) });
  });
  afterEach(async () => {
    await fleet[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
    await world[Symbol.asyncDispose]();
  });
  const expectAllThere = async (job: string): Promise<void> => {
    await using bucket = await pictures.open();
    await expectUndisturbed(fleet, job, { text: await undisturbedIn(bucket) });
  };

  it('that fails for 1 % of all requests, in every way, costs a repetition each', async () => {
    proxy.set(everyFault(0.01));
    await fleet.enqueue('sometimes', ['--task-size', '8']);
    fleet.worker();
    await fleet.untilDone('sometimes');
    expect(proxy.counts.faults).toBeGreaterThan(0);
    await expectAllThere('sometimes');
  });

  it('that fails for all requests for a while is waited for: workers keep what they have and lease nothing', async () => {
    await fleet.enqueue('down', ['--task-size', '8']);
    const worker = await fleet.warmWorker({ env: { ROOKERY_LEASE_AHEAD: '16' } });
    for (const [index, fault] of Object.values(storeFaults).entries()) {
      await fleet.untilDone('down', 3 * (index + 1));
      proxy.set([{ share: 1, fault }]);
      await sleep(downMs);
      proxy.set([]);
    }
    await fleet.untilDone('down');
    const messages = worker.log.map(({ msg }) => msg);
    expect(messages).toContain('store is down: leasing nothing until it answers');
    expect(messages).toContain('store is back');
    expect(worker.log.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
    await expectAllThere('down');
  });

  it('that stalls is given up and asked again', async () => {
    await fleet.enqueue('stalled', ['--task-size', '8']);
    const worker = await fleet.warmWorker({ env: { ROOKERY_LEASE_AHEAD: '16' } });
    await fleet.untilDone('stalled', 3);
    proxy.set([
      { share: 0.5, fault: { kind: 'stall' } },
      { share: 1, fault: { kind: 'stall-half-way' } },
    ]);
    await sleep(stallMs);
    // What hangs now hangs for ever.
    proxy.set([]);
    await fleet.untilDone('stalled');
    expect(worker.hasEnded).toBe(false);
    await expectAllThere('stalled');
  });
});
