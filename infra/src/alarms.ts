import type { Deployment } from '@rookery/autoscale';
import { Alarm, ComparisonOperator, type IMetric, MathExpression, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { HttpCodeTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { ApiService } from './api-service.ts';
import { period } from './backlog-metrics.ts';
import { pictureMetrics } from './picture-metrics.ts';
import type { Queues } from './queues.ts';
import type { WorkerScaling } from './worker-scaling.ts';

interface AlarmsProps {
  readonly deployment: Deployment;
  readonly queues: Queues;
  readonly scaling: WorkerScaling;
  readonly api: ApiService;
}

/** What somebody should know of before users tell them. */
export class Alarms extends Construct {
  readonly topic: Topic;
  readonly all: Alarm[] = [];

  constructor(scope: Construct, id: string, { deployment, queues, scaling, api }: AlarmsProps) {
    super(scope, id);
    this.topic = new Topic(this, 'topic', { displayName: `Rookery ${deployment.name}`, enforceSSL: true });
    if (deployment.alarmEmail) this.topic.addSubscription(new EmailSubscription(deployment.alarmEmail));

    const oldest = (queue: Queues['events']): IMetric =>
      queue.metricApproximateAgeOfOldestMessage({ period, statistic: 'Maximum' });
    this.#above('events-wait', 'an event has waited for five minutes', oldest(queues.events), 300, 3);
    this.#above(
      'bucket-events-wait',
      'a notification has waited for five minutes',
      oldest(queues.bucketEvents),
      300,
      3,
    );
    this.#above('jobs-wait', 'a task of a job has waited for a day', oldest(queues.jobs), 86_400, 3);
    for (const [role, queue] of Object.entries(queues.dead))
      this.#above(
        `dead-${role}`,
        `something of ${role} was given up: rookery queue dead`,
        queue.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' }),
        1,
        1,
      );
    // There is work, there are workers, and nothing is finished.
    this.#above(
      'no-progress',
      'tasks wait and none has been finished for a quarter of an hour',
      new MathExpression({
        label: 'tasks that nobody finishes',
        expression: `IF(FILL(doneEvents, 0) + FILL(doneJobs, 0) < 1, ${scaling.metrics.backlog.expression}, 0)`,
        usingMetrics: {
          ...scaling.metrics.backlog.usingMetrics,
          doneEvents: queues.events.metricNumberOfMessagesDeleted({ period, statistic: 'Sum' }),
          doneJobs: queues.jobs.metricNumberOfMessagesDeleted({ period, statistic: 'Sum' }),
        },
        period,
      }),
      1,
      15,
    );
    const { labelled, failed } = pictureMetrics(deployment);
    // One of a few pictures that is no picture is nothing to wake anybody for.
    this.#above(
      'picture-errors',
      'more than one picture in twenty fails',
      new MathExpression({
        label: 'share of pictures that fail',
        expression:
          'IF(FILL(labelled, 0) + FILL(failed, 0) < 100, 0, FILL(failed, 0) / (FILL(labelled, 0) + FILL(failed, 0)))',
        usingMetrics: { labelled, failed },
        period,
      }),
      0.05,
      15,
    );
    const errors = api.targets.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, { period, statistic: 'Sum' });
    const requests = api.targets.metrics.requestCount({ period, statistic: 'Sum' });
    this.#above(
      'api-errors',
      'more than one request in a hundred fails',
      new MathExpression({
        label: 'share of requests that fail',
        expression: 'IF(FILL(requests, 0) < 1, 0, FILL(errors, 0) / requests)',
        usingMetrics: { errors, requests },
        period,
      }),
      0.01,
      3,
    );
    this.#above(
      'api-unhealthy',
      'a task of the API is not ready',
      api.targets.metrics.unhealthyHostCount({ period, statistic: 'Maximum' }),
      1,
      5,
    );
  }

  #above(id: string, what: string, metric: IMetric, threshold: number, minutes: number): void {
    const alarm = new Alarm(this, id, {
      metric,
      threshold,
      evaluationPeriods: minutes,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription: `Rookery: ${what}`,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    this.all.push(alarm);
  }
}
