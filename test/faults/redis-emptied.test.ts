import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { type RedisServer, startRedis } from '../services/index.ts';
import { folderStore, redisQueue } from './harness/backends.ts';
import { expectUndisturbed } from './harness/expectations.ts';
import { Fleet } from './harness/fleet.ts';
import { undisturbedText } from './harness/undisturbed.ts';

describe.skipIf(!inject('services').redis.available)('Redis that is killed and comes back empty', () => {
  let redis: RedisServer;
  let fleet: Fleet;
  beforeEach(async () => {
    redis = await startRedis();
    fleet = await Fleet.open({ queue: redisQueue(redis.url), pictures: folderStore(inject('undisturbed').pictures) });
  });
  afterEach(async () => {
    await fleet[Symbol.asyncDispose]();
    await redis[Symbol.asyncDispose]();
  });
  const comesBackEmpty = async (): Promise<void> => {
    const { port } = redis;
    await redis.program.kill();
    redis = await startRedis({ port });
  };

  it('loses nothing: reconcile enqueues what has no result', async () => {
    await fleet.enqueue('emptied');
    const worker = await fleet.warmWorker({ env: { ROOKERY_LEASE_AHEAD: '16' } });
    await fleet.untilDone('emptied', 3);
    await comesBackEmpty();
    expect(await fleet.done('emptied')).toBeLessThan(19);
    expect(await fleet.run(['jobs', 'reconcile', 'emptied'])).toMatch(/^([1-9]|1\d) tasks enqueued again\n$/);
    await expectUndisturbed(fleet, 'emptied', { text: await undisturbedText() });
    expect(worker.hasEnded).toBe(true);
  });

  it('loses nothing of a job that is still being enqueued: its producer enqueues again what is gone', async () => {
    const { location } = fleet.options.pictures;
    const producer = fleet.start(['enqueue', location, '--job', 'fed', '--task-size', '16', '--window', '8']);
    // One task at a time: the others wait in Redis, and go with it.
    await fleet.warmWorker({ env: { ROOKERY_LEASE_AHEAD: '16' } });
    await fleet.untilDone('fed', 3);
    await comesBackEmpty();
    await expectUndisturbed(fleet, 'fed', { text: await undisturbedText(), goesOn: true });
    expect(await producer.ended).toEqual({ code: 0, signal: null });
    await fleet.stop();
  });
});
