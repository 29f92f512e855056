import type { QueueDepth } from '@rookery/queue';
import type { Metrics } from '@rookery/telemetry';

/** A queue and how much is in it. */
export interface NamedDepth extends QueueDepth {
  readonly name: string;
}

const states = ['ready', 'delayed', 'leased', 'dead'] as const;

/** Depths of queues, as they were last seen. */
export function queueMetrics(metrics: Metrics, depths: () => readonly NamedDepth[]): void {
  metrics.samples({
    name: 'rookery_queue_tasks',
    help: 'Tasks in a queue: ready, delayed, leased to a worker, or dead.',
    labels: ['queue', 'state'],
    collect: () => depths().flatMap((queue) => states.map((state) => [{ queue: queue.name, state }, queue[state]])),
  });
}
