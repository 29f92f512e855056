import type { FleetFigures } from '@rookery/contracts';
import { queueMetrics } from '@rookery/producer';
import type { Metrics } from '@rookery/telemetry';

/** What the service sees of its queues and its fleet. */
export function fleetMetrics(metrics: Metrics, figures: () => FleetFigures): void {
  queueMetrics(metrics, () => figures().queues);
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
