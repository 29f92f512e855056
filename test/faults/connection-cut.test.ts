import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { startTcpProxy, type TcpProxy, type TcpRules } from '../services/index.ts';
import { folderStore, leaseMs, redisQueue, sqsQueue } from './harness/backends.ts';
import { expectUndisturbed } from './harness/expectations.ts';
import { Fleet } from './harness/fleet.ts';
import { type S3World, startS3World } from './harness/s3-world.ts';
import { undisturbedIn, undisturbedText } from './harness/undisturbed.ts';

const { redis, sqs, s3 } = inject('services');
const whole: TcpRules = { mode: 'pass', delayMs: 0, cutAfterBytes: Number.POSITIVE_INFINITY };

type Fault = (proxy: TcpProxy) => Promise<void>;

/** What a network does, one after the other. */
const cuts: readonly Fault[] = [
  async (proxy) => proxy.resetAll(),
  async (proxy) => proxy.dropAll(),
  async (proxy) => {
    // In the middle of whatever is being answered.
    proxy.set({ cutAfterBytes: 2_000 });
    proxy.resetAll();
    await sleep(2_000);
  },
];
const faults: readonly Fault[] = [
  ...cuts,
  async (proxy) => {
    proxy.set({ delayMs: 150 });
    await sleep(1_500);
  },
  async (proxy) => {
    proxy.set({ mode: 'refuse' });
    proxy.resetAll();
    await sleep(1_500);
  },
  async (proxy) => {
    // Nobody says that the connection is gone, and leases run out meanwhile.
    proxy.set({ mode: 'black-hole' });
    await sleep(3 * leaseMs);
    proxy.resetAll();
  },
];

describe('a connection that is cut in the middle', () => {
  let fleet: Fleet | undefined;
  let proxy: TcpProxy | undefined;
  let world: S3World | undefined;
  beforeEach(() => {
    fleet = undefined;
    proxy = undefined;
    world = undefined;
  });
  afterEach(async () => {
    await fleet?.[Symbol.asyncDispose]();
    await proxy?.[Symbol.asyncDispose]();
    await world?.[Symbol.asyncDispose]();
  });

  /** One fault after the other while the job runs, two results in between. */
  const disturb = async (on: Fleet, by: TcpProxy, job: string, how = faults): Promise<void> => {
    for (const fault of how) {
      await fault(by);
      by.set(whole);
      const sealed = await on.ledger.findSealed(job);
      await on.untilDone(job, Math.min((await on.done(job)) + 2, sealed?.tasks ?? 0));
    }
  };

  it.skipIf(!redis.available)('to Redis: dropped, delayed, reset, refused, swallowed', async () => {
    proxy = await startTcpProxy({ port: Number(new URL(redis.url).port) });
    const direct = redisQueue(redis.url);
    const queue = { ...direct, address: `redis://127.0.0.1:${proxy.port}` };
    fleet = await Fleet.open({ queue, pictures: folderStore(inject('undisturbed').pictures) });
    await fleet.enqueue('cut', ['--task-size', '8']);
    const worker = await fleet.warmWorker({ env: { ROOKERY_LEASE_AHEAD: '16' } });
    await disturb(fleet, proxy, 'cut');
    expect(worker.hasEnded).toBe(false);
    await expectUndisturbed(fleet, 'cut', { text: await undisturbedText() });
  });

  it.skipIf(!sqs.available)(
    'to SQS: dropped, reset, broken off in an answer; with --long delayed, refused and swallowed too',
    async () => {
      proxy = await startTcpProxy({ port: Number(new URL(sqs.endpoint).port) });
      const name = `faults-${randomUUID().slice(0, 8)}`;
      const direct = sqsQueue(name, sqs);
      const told = sqsQueue(name, { ...sqs, endpoint: `http://127.0.0.1:${proxy.port}` });
      const pictures = folderStore(inject('undisturbed').pictures);
      fleet = await Fleet.open({ queue: { ...told, open: direct.open }, pictures });
      await fleet.enqueue('cut', ['--task-size', '8']);
      const worker = await fleet.warmWorker({ env: { ROOKERY_LEASE_AHEAD: '16' } });
      await disturb(fleet, proxy, 'cut', process.env.ROOKERY_FAULTS_LONG ? faults : cuts);
      expect(worker.hasEnded).toBe(false);
      await expectUndisturbed(fleet, 'cut', { text: await undisturbedText() });
    },
  );

  it.skipIf(!redis.available || !s3.available)('to S3: dropped, delayed, reset, refused, swallowed', async () => {
    world = await startS3World();
    proxy = await startTcpProxy({ port: world.server.port });
    const told = `http://127.0.0.1:${proxy.port}`;
    const pictures = world.pictures(told);
    fleet = await Fleet.open({ queue: redisQueue(redis.url), pictures, store: world.store(told) });
    await fleet.enqueue('cut', ['--task-size', '8']);
    const worker = await fleet.warmWorker({ env: { ROOKERY_LEASE_AHEAD: '16' } });
    await disturb(fleet, proxy, 'cut');
    expect(worker.hasEnded).toBe(false);
    await using bucket = await pictures.open();
    await expectUndisturbed(fleet, 'cut', { text: await undisturbedIn(bucket) });
  });
});
