import { DeleteQueueCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { folderStore } from './harness/backends.ts';
import { expectUndisturbed } from './harness/expectations.ts';
import { Fleet } from './harness/fleet.ts';
import { queuesUnderTest } from './harness/queues-under-test.ts';
import { undisturbedText } from './harness/undisturbed.ts';

const { redis, sqs } = inject('services');

async function deleteRedisQueue(name: string): Promise<void> {
  const client = new Redis(redis.url);
  const keys = await client.keys(`bull:${name}-*`);
  expect(keys.length).toBeGreaterThan(0);
  await client.del(keys);
  client.disconnect();
}

async function deleteSqsQueues(name: string): Promise<void> {
  const { endpoint, region, credentials } = sqs;
  const client = new SQSClient({ endpoint, region, credentials: { ...credentials } });
  for (const QueueName of [`${name}-jobs`, `${name}-events`, `${name}-jobs-dead`]) {
    const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName }));
    await client.send(new DeleteQueueCommand({ QueueUrl }));
  }
  client.destroy();
}

describe.each(queuesUnderTest())(
  'a queue that is deleted in the middle of a job, on $name',
  ({ name, available, place }) => {
    let fleet: Fleet;
    beforeEach(async () => {
      fleet = await Fleet.open({ queue: place(), pictures: folderStore(inject('undisturbed').pictures) });
    });
    afterEach(() => fleet[Symbol.asyncDispose]());

    it.skipIf(!available)(
      'loses nothing: jobs reconcile enqueues what has no result, and the same workers go on',
      async () => {
        await fleet.enqueue('deleted');
        const worker = await fleet.warmWorker();
        await fleet.untilDone('deleted', 3);
        await (name === 'Redis' ? deleteRedisQueue : deleteSqsQueues)(fleet.options.queue.name);
        // An operator makes the queues again where they are not made by using them.
        await using _queues = await fleet.queues();
        await fleet.run(['jobs', 'reconcile', 'deleted']);
        await fleet.untilDone('deleted');
        expect(worker.hasEnded).toBe(false);
        await expectUndisturbed(fleet, 'deleted', { text: await undisturbedText() });
      },
    );
  },
);
