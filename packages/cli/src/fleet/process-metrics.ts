import { createMetrics, type Metrics } from '@rookery/telemetry';
import { version } from '../version.ts';

/** The metrics of a process that stays, with what it is. */
export function processMetrics(service: string): Metrics {
  const metrics = createMetrics({ service });
  metrics.samples({
    name: 'rookery_build_info',
    help: '1, with the version of Rookery and of Node.',
    labels: ['version', 'node'],
    collect: () => [[{ version, node: process.version }, 1]],
  });
  return metrics;
}
