import { JobLedger } from '@rookery/jobs';
import { openQueue } from '@rookery/queue';
import { FsStore } from '@rookery/storage';
import { silentLogger } from '@rookery/telemetry';
import { expect, it } from 'vitest';
import { enqueueJob, Feeder, reconcileJob, resumeJobs } from '../src/index.ts';
import { aBucket, aMemoryQueue, aRequest, tempFolder, work } from './fixtures.ts';

const keys = Array.from({ length: 40 }, (_, at) => `${String(at).padStart(3, '0')}.jpg`);

async function aPlace() {
  const pictures = await aBucket(keys);
  const ledger = new JobLedger(new FsStore(await tempFolder(), { sync: false }));
  return { ...pictures, ledger, open: () => pictures.store, queue: await aMemoryQueue() };
}

it('a bounded number of tasks is enqueued, the rest waits in the store until some are done', async () => {
  const { bucket, store, ledger, open, queue } = await aPlace();
  await enqueueJob(aRequest(bucket, { taskSize: 2 }), { ledger, open });
  await using feeder = new Feeder({ ledger, queue, window: 6, log: silentLogger });
  expect(await feeder.round()).toBe(6);
  expect(await feeder.round()).toBe(0);
  // Leased is not done: the window stays full.
  const held = await queue.receive(6, { waitMs: 0 });
  expect(await feeder.round()).toBe(0);
  await Promise.all(held.map((delivery) => delivery.retry(0)));
  const done = [];
  for (let round = 0; round < 10; round++) {
    done.push(...(await work(queue, ledger, store)));
    expect(await feeder.round()).toBeLessThanOrEqual(6);
  }
  expect(done.map(({ seq }) => seq).sort((a = 0, b = 0) => a - b)).toEqual(Array.from({ length: 20 }, (_, seq) => seq));
});

it('jobs take turns', async () => {
  const { bucket, ledger, open, queue } = await aPlace();
  for (const id of ['one', 'two']) await enqueueJob(aRequest(bucket, { id, taskSize: 2 }), { ledger, open });
  await using feeder = new Feeder({ ledger, queue, window: 30, log: silentLogger });
  await feeder.round();
  const deliveries = await queue.receive(30, { waitMs: 0 });
  const jobs = deliveries.map(({ task }) => ('job' in task ? task.job : ''));
  expect(jobs.filter((job) => job === 'one')).toHaveLength(20);
  expect(jobs.filter((job) => job === 'two')).toHaveLength(10);
});

it('a feeder goes on where another has ended, without sending anything again', async () => {
  const { bucket, ledger, open, queue } = await aPlace();
  await enqueueJob(aRequest(bucket, { taskSize: 2 }), { ledger, open });
  {
    await using first = new Feeder({ ledger, queue, window: 6, log: silentLogger });
    await first.round();
  }
  await using second = new Feeder({ ledger, queue, window: 1000, log: silentLogger });
  await second.round();
  const seqs = (await queue.receive(100, { waitMs: 0 })).map(({ task }) => ('seq' in task ? task.seq : -1));
  expect(seqs).toEqual(Array.from({ length: 20 }, (_, seq) => seq));
});

it('a job is not fed by two at once, and taken over from a feeder that is gone', async () => {
  const { bucket, ledger, open, queue } = await aPlace();
  await enqueueJob(aRequest(bucket, { taskSize: 2 }), { ledger, open });
  const gone = new Feeder({ ledger, queue, window: 6, log: silentLogger });
  await gone.round();
  let now = 0;
  await using other = new Feeder({ ledger, queue, window: 1000, log: silentLogger, now: () => now });
  expect(await other.round()).toBe(0);
  now = 29_000;
  expect(await other.round()).toBe(0);
  now = 31_000;
  expect(await other.round()).toBe(14);
  const deliveries = await queue.receive(100, { waitMs: 0 });
  expect(deliveries.map(({ task }) => ('recheck' in task ? task.recheck : undefined)).slice(6)).toEqual(
    Array.from({ length: 14 }, () => true),
  );
});

it('nothing of a cancelled job is enqueued any more', async () => {
  const { bucket, ledger, open, queue } = await aPlace();
  await enqueueJob(aRequest(bucket), { ledger, open });
  await ledger.cancel('a-job');
  await using feeder = new Feeder({ ledger, queue, log: silentLogger });
  expect(await feeder.round()).toBe(0);
  await feeder.fed('a-job');
});

it('losing the queue loses nothing: what was enqueued and has no result is enqueued again', async () => {
  const { bucket, store, ledger, open } = await aPlace();
  await enqueueJob(aRequest(bucket, { taskSize: 2 }), { ledger, open });
  const lost = await openQueue({ kind: 'memory', name: 'lost', leaseMs: 30_000 });
  {
    await using feeder = new Feeder({ ledger, queue: lost, window: 8, log: silentLogger });
    await feeder.round();
  }
  for (const delivery of (await lost.receive(3, { waitMs: 0 })).slice(0, 3)) {
    if ('seq' in delivery.task && delivery.task.seq !== undefined)
      await ledger.writeResult('a-job', delivery.task.seq, []);
  }
  const queue = await aMemoryQueue();
  expect(await reconcileJob('a-job', { ledger, queue })).toBe(5);
  await using feeder = new Feeder({ ledger, queue, log: silentLogger });
  await feeder.round();
  const tasks = await work(queue, ledger, store);
  expect(tasks.map(({ seq }) => seq).sort((a = 0, b = 0) => a - b)).toEqual(
    Array.from({ length: 17 }, (_, at) => at + 3),
  );
  expect(tasks.filter(({ recheck }) => recheck).map(({ seq }) => seq)).toEqual([3, 4, 5, 6, 7]);
  expect(await reconcileJob('a-job', { ledger, queue })).toBe(0);
});

it('a feeder notices that the queue has lost tasks, and enqueues them again before it counts the job as fed', async () => {
  const { bucket, store, ledger, open, queue } = await aPlace();
  await enqueueJob(aRequest(bucket, { taskSize: 2 }), { ledger, open });
  let now = 0;
  await using feeder = new Feeder({ ledger, queue, window: 8, log: silentLogger, now: () => now });
  expect(await feeder.round()).toBe(8);
  // Seven are gone without a result; the eighth is with a worker.
  const taken = await queue.receive(8, { waitMs: 0 });
  await Promise.all(taken.slice(0, 7).map((delivery) => delivery.ack()));
  now = 6_000;
  expect(await feeder.round()).toBe(0);
  now = 10_000;
  expect(await feeder.round()).toBe(0);
  now = 11_500;
  expect(await feeder.round()).toBe(8);
  await taken[7]?.retry(0);
  const done = [];
  for (let round = 0; round < 10; round++) {
    done.push(...(await work(queue, ledger, store)));
    now += 1_000;
    await feeder.round();
  }
  expect(new Set(done.map(({ seq }) => seq)).size).toBe(20);
  // The one that a worker had all along was enqueued again, too: whoever gets it looks for its result.
  expect(done.filter(({ seq }) => seq === 7)).toHaveLength(2);
  await feeder.fed('a-job');
});

it('a queue that holds what it was given is never thought to have lost it', async () => {
  const { bucket, ledger, open, queue } = await aPlace();
  await enqueueJob(aRequest(bucket, { taskSize: 2 }), { ledger, open });
  let now = 0;
  await using feeder = new Feeder({ ledger, queue, window: 8, log: silentLogger, now: () => now });
  expect(await feeder.round()).toBe(8);
  for (const delivery of await queue.receive(4, { waitMs: 0 })) await delivery.retry(3_600_000);
  await queue.receive(2, { waitMs: 0 });
  for (let round = 0; round < 10; round++) {
    now += 4_000;
    expect(await feeder.round()).toBe(0);
  }
});

it('a process with a queue of its own goes on with all that is unfinished when it starts', async () => {
  const { bucket, store, ledger, open, queue } = await aPlace();
  let tasks = 0;
  const onStep = (step: string) => {
    if (step === 'task' && ++tasks === 5) throw new Error('ended');
  };
  await enqueueJob(aRequest(bucket, { taskSize: 2 }), { ledger, open, onStep, entriesPerChunk: 4 }).catch(() => {});
  await enqueueJob(aRequest(bucket, { id: 'cancelled' }), { ledger, open });
  await ledger.cancel('cancelled');
  expect(await resumeJobs({ ledger, open, queue, log: silentLogger })).toBe(1);
  await using feeder = new Feeder({ ledger, queue, log: silentLogger });
  await feeder.round();
  await work(queue, ledger, store);
  expect(await resumeJobs({ ledger, open, queue, log: silentLogger })).toBe(0);
  expect(await ledger.findSummary('a-job')).toMatchObject({ labelled: 40 });
});

it('a job without anything to enqueue is done with at once, however idle the feeder was', async () => {
  const { bucket, ledger, open, queue } = await aPlace();
  await using feeder = new Feeder({ ledger, queue, log: silentLogger });
  feeder.start();
  // Until its first round is over: it sleeps for five seconds then.
  await new Promise((resolve) => setTimeout(resolve, 300));
  const request = aRequest(bucket, { id: 'nothing' });
  await enqueueJob(
    { ...request, source: { ...request.source, filter: { suffixes: ['.gif'] } } },
    { ledger, open, feeder },
  );
  const started = performance.now();
  await feeder.fed('nothing');
  expect(performance.now() - started).toBeLessThan(3_000);
});
