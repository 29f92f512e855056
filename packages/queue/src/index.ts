export { OutageLog } from './bullmq/outage-log.ts';
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
  QueueOptions,
  SqsQueueOptions,
} from './options.ts';
export type { QueueLog } from './queue-log.ts';
export type * from './task-queue.ts';
