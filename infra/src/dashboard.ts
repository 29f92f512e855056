import type { Deployment } from '@rookery/autoscale';
import {
  AlarmStatusWidget,
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  type IMetric,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { HttpCodeTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import type { Alarms } from './alarms.ts';
import type { ApiService } from './api-service.ts';
import { period } from './backlog-metrics.ts';
import type { IngestService } from './ingest-service.ts';
import { pictureMetrics } from './picture-metrics.ts';
import type { Queues } from './queues.ts';
import type { WorkerScaling } from './worker-scaling.ts';
import type { WorkerService } from './worker-service.ts';

interface DashboardProps {
  readonly deployment: Deployment;
  readonly queues: Queues;
  readonly scaling: WorkerScaling;
  readonly worker: WorkerService;
  readonly ingest: IngestService;
  readonly api: ApiService;
  readonly alarms: Alarms;
}

/** Queues, fleet and API on one page. What the model does is in the tracker and in `rookery monitor report`. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const { deployment, queues, scaling, worker, ingest, api, alarms } = props;
    const { parts, backlogPerWorker } = scaling.metrics;
    const graph = (title: string, left: IMetric[], right: IMetric[] = []): GraphWidget =>
      new GraphWidget({ title, left, right, width: 8, height: 6, period });
    const { waitingEvents, waitingJobs, leasedEvents, leasedJobs } = parts;
    const { metrics } = api.targets;
    new CloudWatchDashboard(this, 'page', {
      dashboardName: deployment.name,
      widgets: [
        [new AlarmStatusWidget({ title: 'Alarms', alarms: alarms.all, width: 24, height: 3 })],
        [
          graph('Tasks that wait', [waitingEvents, waitingJobs]),
          graph('Tasks in progress', [leasedEvents, leasedJobs]),
          graph('Workers, and the backlog of each', [scaling.running], [backlogPerWorker]),
        ],
        [
          graph('Tasks done', [
            queues.events.metricNumberOfMessagesDeleted({ period, statistic: 'Sum' }),
            queues.jobs.metricNumberOfMessagesDeleted({ period, statistic: 'Sum' }),
          ]),
          graph('Age of the oldest', [
            queues.bucketEvents.metricApproximateAgeOfOldestMessage({ period }),
            queues.events.metricApproximateAgeOfOldestMessage({ period }),
            queues.jobs.metricApproximateAgeOfOldestMessage({ period }),
          ]),
          graph(
            'Given up',
            Object.values(queues.dead).map((queue) => queue.metricApproximateNumberOfMessagesVisible({ period })),
          ),
        ],
        [
          graph(
            'Processor of the workers',
            [worker.service.metricCpuUtilization({ period })],
            [worker.service.metricMemoryUtilization({ period })],
          ),
          graph(
            'Requests, and those that fail',
            [metrics.requestCount({ period })],
            [metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, { period })],
          ),
          graph('Answers, seconds', [
            metrics.targetResponseTime({ period, statistic: 'p50' }),
            metrics.targetResponseTime({ period, statistic: 'p99' }),
          ]),
        ],
        [
          graph('Processor of ingest and API', [
            ingest.service.metricCpuUtilization({ period }),
            api.service.metricCpuUtilization({ period }),
          ]),
          graph('Pictures, and those that fail', Object.values(pictureMetrics(deployment))),
          new TextWidget({
            width: 8,
            height: 6,
            markdown: [
              '**What the model does** is not here but where models are compared: in the tracker (`rookery worker --tracker`),',
              'one run a worker, grouped by deployment; and in `rookery monitor report --store s3://...`.',
              '',
              'Given up: `rookery queue dead`, then `rookery queue redrive`. Anything lost: `rookery reconcile s3://...`.',
            ].join('\n'),
          }),
        ],
      ],
    });
  }
}
