import type { FleetFigures } from '@rookery/contracts';
import type { Metrics } from '@rookery/telemetry';

const states = ['ready', 'delayed', 'leased', 'dead'] as const;

/** What the service sees of its queues and its fleet. */
export function fleetMetrics(metrics: Metrics, figures: () => FleetFigures): void {
  metrics.samples({
    name: 'rookery_queue_tasks',
    help: 'Tasks in a queue: ready, delayed, leased to a worker, or dead.',
    labels: ['queue', 'state'],
    collect: () =>
      figures().queues.flatMap((queue) => states.map((state) => [{ queue: queue.name, state }, queue[state]])),
  });
  metrics.samples({
    name: 'rookery_fleet_workers',
    help: 'Workers whose signs of life are fresh, by what they are doing.',
    labels: ['state'],
    collect: () => [...countBy(figures().workers ?? [])].map(([state, workers]) => [{ state }, workers]),
  });
}

function countBy(workers: readonly { readonly state: string }[]): Map<string, number> {
  const counts = new Map([...['starting', 'ready', 'draining']].map((state) => [state, 0]));
  for (const { state } of workers) counts.set(state, (counts.get(state) ?? 0) + 1);
  return counts;
}
