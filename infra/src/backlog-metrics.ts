import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, type Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Queues } from './queues.ts';

/** How often queues tell their figures. */
export const period = Duration.minutes(1);

/** The figures that the fleet is scaled by. Those that nobody tells, as an idle queue's and an absent fleet's, count as 0. */
export interface BacklogMetrics {
  /** Of both queues, by a name that is unique in expressions. */
  readonly parts: Readonly<Record<'waitingEvents' | 'waitingJobs' | 'leasedEvents' | 'leasedJobs' | 'running', Metric>>;
  /** Tasks that wait or are worked on. */
  readonly backlog: MathExpression;
  /** The same where no worker runs, else 0. */
  readonly backlogWithoutWorkers: MathExpression;
  /** Backlog divided by the workers that run. */
  readonly backlogPerWorker: MathExpression;
}

export function backlogMetrics(queues: Queues, running: Metric): BacklogMetrics {
  const of = (metric: IMetric): Metric => metric as Metric;
  const options = { period, statistic: 'Maximum' };
  const parts = {
    waitingEvents: of(queues.events.metricApproximateNumberOfMessagesVisible(options)),
    waitingJobs: of(queues.jobs.metricApproximateNumberOfMessagesVisible(options)),
    leasedEvents: of(queues.events.metricApproximateNumberOfMessagesNotVisible(options)),
    leasedJobs: of(queues.jobs.metricApproximateNumberOfMessagesNotVisible(options)),
    running,
  };
  const { running: _, ...queued } = parts;
  const backlog = Object.keys(queued)
    .map((name) => `FILL(${name}, 0)`)
    .join(' + ');
  const workers = 'FILL(running, 0)';
  const math = (label: string, expression: string, usingMetrics: Record<string, Metric>): MathExpression =>
    new MathExpression({ label, expression, usingMetrics, period });
  return {
    parts,
    backlog: math('backlog', backlog, queued),
    backlogWithoutWorkers: math('backlog without workers', `IF(${workers} < 1, ${backlog}, 0)`, parts),
    backlogPerWorker: math('backlog per worker', `(${backlog}) / IF(${workers} < 1, 1, ${workers})`, parts),
  };
}
