export {
  type DashboardQueues,
  type DashboardQueuesOptions,
  queuesForDashboards,
} from './bullmq/queues-for-dashboards.ts';
export { MemoryBroker } from './memory/memory-broker.ts';
export { openQueue } from './open-queue.ts';
export type {
  BullmqQueueOptions,
  MemoryQueueOptions,
  QueueLog,
  QueueOptions,
  SqsQueueOptions,
} from './options.ts';
export type * from './task-queue.ts';
