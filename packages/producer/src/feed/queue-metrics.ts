import type { QueueDepth } from '@rookery/queue';
import type { Metrics } from '@rookery/telemetry';

/** A queue and how much is in it. */
export interface NamedDepth extends Omit<QueueDepth, 'oldestMs'> {
  readonly name: string;
  readonly oldestMs: number | null | undefined;
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
  metrics.samples({
    name: 'rookery_queue_oldest_seconds',
    help: 'How long the task that is delivered next has waited; not told by SQS, which tells CloudWatch.',
    labels: ['queue'],
    collect: () =>
      depths().flatMap(({ name, ready, oldestMs }) => {
        // An empty queue is as young as can be: its alert ends.
        const ageMs = ready === 0 ? 0 : oldestMs;
        return ageMs === undefined || ageMs === null ? [] : [[{ queue: name }, ageMs / 1_000] as const];
      }),
  });
}
