import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { type QueuePlace, redisQueue, sqsQueue } from './backends.ts';

export interface QueueUnderTest {
  readonly name: string;
  readonly available: boolean;
  place(): QueuePlace;
}

/** Where what is promised must hold on either: Redis, and an SQS server. */
export function queuesUnderTest(): QueueUnderTest[] {
  const { redis, sqs } = inject('services');
  return [
    { name: 'Redis', available: redis.available, place: () => redisQueue(redis.url) },
    { name: 'SQS', available: sqs.available, place: () => sqsQueue(`faults-${randomUUID().slice(0, 8)}`, sqs) },
  ];
}
