import { type Deployment, fleetMetrics, namesOf } from '@rookery/autoscale';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { period } from './backlog-metrics.ts';

/** What workers tell of their pictures, in their logs: all workers of a fleet together. */
export function pictureMetrics({ name }: Deployment): Record<'labelled' | 'failed', Metric> {
  const { namespace, dimension, names } = fleetMetrics;
  const of = (metricName: string): Metric =>
    new Metric({
      namespace,
      metricName,
      dimensionsMap: { [dimension]: namesOf(name).queue },
      statistic: 'Sum',
      period,
    });
  return { labelled: of(names.labelled), failed: of(names.failed) };
}
