import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { jobLayout, labelKey, type Task } from '@rookery/contracts';
import { findLabel, taskOf } from '@rookery/jobs';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { folderStore } from './harness/backends.ts';
import { expectEmptyQueues, expectNoProcesses, expectUndisturbed } from './harness/expectations.ts';
import { Fleet } from './harness/fleet.ts';
import { queuesUnderTest } from './harness/queues-under-test.ts';
import { undisturbedLines, undisturbedText } from './harness/undisturbed.ts';
import { until } from './harness/until.ts';

const { redis, sqs } = inject('services');

/** As anybody may put it on the queue: not by our own code, which would refuse. */
async function sendToRedis(queue: string, message: string): Promise<void> {
  const client = new Redis(redis.url);
  const prefix = `bull:${queue}:`;
  const id = String(await client.incr(`${prefix}id`));
  const job = { name: 'foreign', data: message, opts: '{"attempts":1,"removeOnComplete":true}', timestamp: Date.now() };
  await client.hset(prefix + id, { ...job, delay: 0, priority: 0 });
  await client.lpush(`${prefix}wait`, id);
  await client.zadd(`${prefix}marker`, 0, '0');
  client.disconnect();
}

async function sendToSqs(QueueName: string, MessageBody: string): Promise<void> {
  const { endpoint, region, credentials } = sqs;
  const client = new SQSClient({ endpoint, region, credentials: { ...credentials } });
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName }));
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  client.destroy();
}

describe.each(queuesUnderTest())('messages from anybody, on $name', ({ name, available, place }) => {
  let fleet: Fleet;
  beforeEach(async () => {
    fleet = await Fleet.open({ queue: place(), pictures: folderStore(inject('undisturbed').pictures) });
  });
  afterEach(() => fleet[Symbol.asyncDispose]());

  const send = (lane: 'events' | 'jobs', message: unknown): Promise<void> => {
    const queue = `${fleet.options.queue.name}-${lane}`;
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    return (name === 'Redis' ? sendToRedis : sendToSqs)(queue, text);
  };
  /** A task of a real job, for others to be made of. */
  const aTask = async (job: string): Promise<Task> =>
    taskOf(await fleet.ledger.read(job), await fleet.ledger.readTask(job, 0));
  const keysOfStore = async (): Promise<string[]> => {
    const keys: string[] = [];
    for await (const page of fleet.store.list('')) keys.push(...page.map(({ key }) => key));
    return keys;
  };

  it.skipIf(!available)('malformed, oversized and hostile are set aside with a reason, and harm nobody', async () => {
    await fleet.enqueue('honest');
    const task = await aTask('honest');
    const { job: _job, seq: _seq, ...eventTask } = task;
    const malformed: unknown[] = [
      'not JSON',
      '{"v":1',
      '[]',
      'null',
      '42',
      { v: 0 },
      { v: '1' },
      { ...task, job: '../../etc' },
      { ...task, job: 'a/b' },
      { ...task, job: '.events' },
      { ...task, seq: -1 },
      { ...task, seq: 1e300 },
      { ...task, surprise: true },
      { ...task, items: [] },
      { ...task, items: Array.from({ length: 257 }, (_, at) => ({ key: `${at}.jpg` })) },
      { ...eventTask, items: undefined },
      { ...task, top: 0 },
      { ...task, pin: { ...task.pin, engine: 7 } },
      // A real job that says otherwise, and a task that it does not have.
      { ...task, top: task.top + 1 },
      { ...task, pin: { ...task.pin, maxPixels: task.pin.maxPixels + 1 } },
      { ...task, bucket: fleet.place.bucket },
      { ...task, seq: 4_000, items: undefined },
    ];
    for (const message of malformed) await send('jobs', message);
    // Well-formed, but it names other pictures than its task has: the task's own count.
    await send('jobs', { ...task, seq: 7, items: [{ key: '0000.jpg' }] });
    await send('jobs', { ...task, seq: 8 });
    await send('events', 'x'.repeat(200_000));
    await send('events', { ...eventTask, bucket: 'file:///etc', items: [{ key: 'passwd' }] });
    await send('events', { ...eventTask, bucket: 'somebody-elses-bucket' });
    await send('events', { ...eventTask, bucket: 'file:///%2e%2e/etc' });
    fleet.worker();
    const dead = [
      ...[...malformed, 'oversized'].map(() => 'TASK_MALFORMED'),
      ...Array.from({ length: 3 }, () => 'BUCKET_REFUSED'),
    ];
    await fleet.untilDone('honest');
    await using queues = await fleet.queues();
    await until(
      'all of them are dead letters',
      async () => (await queues.jobs.depth()).dead + (await queues.events.depth()).dead >= dead.length,
      { seen: () => fleet.said() },
    );
    const letters = [...(await queues.jobs.dead.list(100)), ...(await queues.events.dead.list(100))];
    expect(letters.map(({ reason }) => reason.code).sort()).toEqual(dead.sort());
    for (const { reason } of letters) expect(reason.detail).not.toBe('');
    await queues.jobs.dead.purge();
    await queues.events.dead.purge();
    await expectUndisturbed(fleet, 'honest', { text: await undisturbedText() });
    // Nothing was written anywhere else: what is the newest job, and windows of the model in use, are the fleet's own.
    const elsewhere = (await keysOfStore()).filter((key) => !key.startsWith(jobLayout('honest').root));
    expect(elsewhere.filter((key) => !/^jobs\/\.(newest\/\d+-honest$|monitor\/windows\/)/.test(key))).toEqual([]);
  });

  it.skipIf(!available)('with keys that climb out get lines that say so', async () => {
    await fleet.enqueue('honest');
    const { job: _job, seq: _seq, ...eventTask } = await aTask('honest');
    const keys = ['../../etc/passwd', '/etc/passwd', 'a/../../b.jpg', './0001.jpg', '.rookery-tmp/x'];
    await send('events', { ...eventTask, items: [...keys.map((key) => ({ key })), { key: '0001.jpg' }] });
    fleet.worker();
    await fleet.untilDone('honest');
    await expectEmptyQueues(fleet, []);
    const { bucket } = fleet.options.pictures;
    for (const key of keys) {
      // No clean path: its label lies under its digest.
      expect(labelKey(bucket, key)).toContain('/.hashed/');
      expect(await findLabel(fleet.store, bucket, key)).toMatchObject({ key, error: { code: 'KEY_INVALID' } });
    }
    expect(await findLabel(fleet.store, bucket, '0001.jpg')).toEqual((await undisturbedLines()).get('0001.jpg'));
    const labels = (await keysOfStore()).filter((key) => key.startsWith('labels/'));
    expect(labels.sort()).toEqual([...keys, '0001.jpg'].map((key) => labelKey(bucket, key)).sort());
    await expectUndisturbed(fleet, 'honest', { text: await undisturbedText() });
  });

  it.skipIf(!available)('of a version of the future wait for a newer worker, and hold up nobody', async () => {
    await fleet.enqueue('honest');
    const task = await aTask('honest');
    await send('jobs', { ...task, v: 2, novelty: {} });
    await send('events', { v: 3 });
    const worker = fleet.worker();
    await fleet.untilDone('honest');
    await using queues = await fleet.queues();
    // Given back with a delay, which SQS counts as leased.
    await until('both wait', async () => {
      const [events, jobs] = [await queues.events.depth(), await queues.jobs.depth()];
      return events.delayed + events.leased === 1 && jobs.delayed + jobs.leased === 1 && jobs.ready === 0;
    });
    expect(worker.log.filter(({ msg }) => msg === 'task given back')).toMatchObject([
      { err: { code: 'TASK_VERSION_UNKNOWN' } },
      { err: { code: 'TASK_VERSION_UNKNOWN' } },
    ]);
    expect(await queues.jobs.depth()).toMatchObject({ dead: 0 });
    expect(await queues.events.depth()).toMatchObject({ dead: 0 });
    expect((await fleet.stop()).map(({ code }) => code)).toEqual([0]);
    await expectNoProcesses(fleet);
  });
});
