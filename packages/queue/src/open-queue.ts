import { checkOptions, type QueueOptions } from './options.ts';
import type { TaskQueue } from './task-queue.ts';

/**
 * Opens a queue and proves that it answers. The SDK of the chosen kind is loaded here, not before.
 *
 * @throws {RookeryError} QUEUE_UNAVAILABLE, CONFIG_INVALID
 */
export async function openQueue(options: QueueOptions): Promise<TaskQueue> {
  checkOptions(options);
  switch (options.kind) {
    case 'memory':
      return (await import('./memory/memory-queue.ts')).openMemoryQueue(options);
    case 'bullmq':
      return (await import('./bullmq/bullmq-queue.ts')).openBullmqQueue(options);
    case 'sqs':
      return (await import('./sqs/sqs-queue.ts')).openSqsQueue(options);
  }
}
