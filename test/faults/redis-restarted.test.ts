import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { type RedisServer, startRedis, type TemporaryFolder, temporaryFolder } from '../services/index.ts';
import { folderStore, leaseMs, redisQueue } from './harness/backends.ts';
import { expectUndisturbed } from './harness/expectations.ts';
import { Fleet } from './harness/fleet.ts';
import { undisturbedText } from './harness/undisturbed.ts';

/** What is promised, from the moment that Redis is back. */
const resumesWithinMs = 15_000;

describe.skipIf(!inject('services').redis.available)('Redis', () => {
  let data: TemporaryFolder;
  let redis: RedisServer;
  let fleet: Fleet;
  beforeEach(async () => {
    data = temporaryFolder('redis-data');
    redis = await startRedis({ dir: data.path, appendonly: true });
    fleet = await Fleet.open({ queue: redisQueue(redis.url), pictures: folderStore(inject('undisturbed').pictures) });
  });
  afterEach(async () => {
    await fleet[Symbol.asyncDispose]();
    await redis[Symbol.asyncDispose]();
    data[Symbol.dispose]();
  });

  /** Two workers that nobody touches: they must go on by themselves. */
  const disturbed = async (job: string, disturb: () => Promise<void>): Promise<void> => {
    await fleet.enqueue(job, ['--task-size', '8']);
    const workers = await Promise.all([fleet.warmWorker(), fleet.warmWorker()]);
    await fleet.untilDone(job, 5);
    await disturb();
    const backAt = performance.now();
    const done = await fleet.done(job);
    expect(done).toBeLessThan(38);
    await fleet.untilDone(job, done + 1);
    expect(performance.now() - backAt).toBeLessThan(resumesWithinMs);
    expect(workers.some(({ hasEnded }) => hasEnded)).toBe(false);
    await expectUndisturbed(fleet, job, { text: await undisturbedText() });
  };

  it('that is killed and comes back with its data is worked on again within 15 s', () =>
    disturbed('restarted', async () => {
      const { port } = redis;
      await redis.program.kill();
      await sleep(1_000);
      redis = await startRedis({ dir: data.path, appendonly: true, port });
    }));

  it('that stands still for longer than a lease is worked on again within 15 s', () =>
    disturbed('paused', async () => {
      redis.program.signal('SIGSTOP');
      await sleep(3 * leaseMs);
      redis.program.signal('SIGCONT');
    }));

  it('that is killed again and again loses nothing and doubles nothing', async () => {
    await fleet.enqueue('often', ['--task-size', '8']);
    fleet.worker();
    fleet.worker();
    const { port } = redis;
    for (let restart = 1; restart <= 4; restart++) {
      await fleet.untilDone('often', restart * 4);
      await redis.program.kill();
      redis = await startRedis({ dir: data.path, appendonly: true, port });
    }
    await expectUndisturbed(fleet, 'often', { text: await undisturbedText() });
  });
});
