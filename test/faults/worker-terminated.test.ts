import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { startTcpProxy } from '../services/index.ts';
import { folderStore, redisQueue } from './harness/backends.ts';
import { expectUndisturbed } from './harness/expectations.ts';
import { Fleet } from './harness/fleet.ts';
import { queuesUnderTest } from './harness/queues-under-test.ts';
import { undisturbedText } from './harness/undisturbed.ts';
import { until } from './harness/until.ts';

describe.each(queuesUnderTest())(
  'a worker that is told to stop in the middle of a batch, on $name',
  ({ available, place }) => {
    let fleet: Fleet;
    beforeEach(async () => {
      fleet = await Fleet.open({ queue: place(), pictures: folderStore(inject('undisturbed').pictures) });
    });
    afterEach(() => fleet[Symbol.asyncDispose]());

    it.skipIf(!available)('hands back at once what it has not finished, and exits 0', async () => {
      await fleet.enqueue('terminated');
      const worker = await fleet.warmWorker({ env: { ROOKERY_GRACE: '0ms' } });
      await using queues = await fleet.queues();
      await until('it works', async () => (await queues.jobs.depth()).leased > 0);
      worker.signal('SIGTERM');
      expect(await worker.ended).toEqual({ code: 0, signal: null });
      // Nothing is leased any more, and nothing waits for a lease to run out.
      const { ready, leased, delayed, dead } = await queues.jobs.depth();
      expect({ leased, delayed, dead }).toEqual({ leased: 0, delayed: 0, dead: 0 });
      expect(ready + (await fleet.done('terminated'))).toBe(19);
      fleet.worker();
      await expectUndisturbed(fleet, 'terminated', { text: await undisturbedText() });
    });

    it.skipIf(!available)('finishes what it has within the grace period', async () => {
      await fleet.enqueue('finished');
      const worker = await fleet.warmWorker();
      await using queues = await fleet.queues();
      await until('it works', async () => (await queues.jobs.depth()).leased > 0);
      worker.signal('SIGTERM');
      expect(await worker.ended).toEqual({ code: 0, signal: null });
      expect(worker.log.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
      fleet.worker();
      await expectUndisturbed(fleet, 'finished', { text: await undisturbedText() });
    });
  },
);

const { redis } = inject('services');

it.skipIf(!redis.available)('a worker that is told to stop twice ends at once, whatever it waits for', async () => {
  await using proxy = await startTcpProxy({ port: Number(new URL(redis.url).port) });
  const queue = { ...redisQueue(redis.url), address: `redis://127.0.0.1:${proxy.port}` };
  await using fleet = await Fleet.open({ queue, pictures: folderStore(inject('undisturbed').pictures) });
  await fleet.enqueue('twice');
  const worker = await fleet.warmWorker({ env: { ROOKERY_GRACE: '10m' } });
  await using queues = await fleet.queues();
  await until('it works', async () => (await queues.jobs.depth()).leased > 0);
  // What it has it cannot settle any more.
  proxy.set({ mode: 'black-hole' });
  worker.signal('SIGTERM');
  await worker.says('stopping');
  expect(await Promise.race([worker.ended, sleep(1_500)])).toBeUndefined();
  worker.signal('SIGTERM');
  const saidAt = performance.now();
  expect(await worker.ended).toEqual({ code: 143, signal: null });
  expect(performance.now() - saidAt).toBeLessThan(1_500);
  proxy.set({ mode: 'pass' });
  fleet.worker();
  await expectUndisturbed(fleet, 'twice', { text: await undisturbedText() });
});
