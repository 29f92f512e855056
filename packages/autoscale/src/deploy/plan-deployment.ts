import { fleetMetrics } from '@rookery/contracts';
import { type CostLine, costOfPictures, workerHourUsd } from '../cost/cost-of-pictures.ts';
import type { PriceFile } from '../cost/prices.ts';
import { type Deployment, type TaskShape, workerShapeOf } from './deployment-config.ts';

/** What will exist of one kind. */
export interface PlannedResource {
  /** CloudFormation's name of the kind. */
  readonly type: string;
  readonly count: number;
  readonly what: string;
}

export interface DeploymentPlan {
  readonly resources: readonly PlannedResource[];
  /** With the fewest workers. */
  readonly idleHour: readonly CostLine[];
  readonly idleHourUsd: number;
  /** With the most workers. */
  readonly busyHour: readonly CostLine[];
  readonly busyHourUsd: number;
  /** On top of what stands: a million pictures of a job. */
  readonly millionUsd: number;
}

export interface PlanOptions {
  readonly prices: PriceFile;
  /** Of one worker, measured. */
  readonly picturesPerSecond: number;
  readonly pictureBytes: number;
}

const hoursPerMonth = 730;
/** An endpoint stands in each of two zones. */
const zones = 2;
const secrets = 2;
const alarms = 12;
const metrics = Object.keys(fleetMetrics.names).length;

const interfaceEndpoints = ({ worker }: Deployment): number => (worker.runsOn === 'gpu' ? 8 : 5);

/** What a deployment makes. A test of the templates counts the same. */
export function resourcesOf(deployment: Deployment): PlannedResource[] {
  const gpu = deployment.worker.runsOn === 'gpu';
  const line = (type: string, count: number, what: string): PlannedResource => ({ type, count, what });
  return [
    line('AWS::S3::Bucket', 3, 'pictures, store, access logs'),
    line('AWS::SQS::Queue', 6, 'bucket events, tasks of events, tasks of jobs, each with its dead letters'),
    line('AWS::ECS::Cluster', 1, 'where everything runs'),
    line(
      'AWS::ECS::Service',
      3,
      `workers (${scalingText(deployment)}), ingest (1), API (${deployment.api.tasks} or more)`,
    ),
    ...(gpu
      ? [line('AWS::AutoScaling::AutoScalingGroup', 1, `${deployment.worker.instance}, none while nothing waits`)]
      : []),
    line('AWS::ApplicationAutoScaling::ScalingPolicy', 4, 'workers: track the backlog, start, end; API: processor'),
    line(
      'AWS::ElasticLoadBalancingV2::LoadBalancer',
      1,
      deployment.api.certificateArn ? 'public, HTTPS' : 'inside the network, HTTP',
    ),
    line('AWS::EC2::VPC', 1, 'two zones, no NAT'),
    line('AWS::EC2::VPCEndpoint', interfaceEndpoints(deployment) + 1, 'S3, and the services that tasks talk to'),
    line('AWS::CloudWatch::Alarm', alarms, 'ten for people, two that scale'),
    line('AWS::CloudWatch::Dashboard', 1, 'queues, fleet, API'),
    line('AWS::SecretsManager::Secret', 1, 'signs sessions; the API keys are in the base stack'),
    line('AWS::Logs::LogGroup', 4, `kept for ${deployment.logDays} days`),
  ];
}

/** What will exist, and what it costs: an hour with nothing to do, an hour with everything running, a million pictures. */
export function planDeployment(deployment: Deployment, options: PlanOptions): DeploymentPlan {
  const { prices } = options.prices;
  const task = ({ cpu, memoryMiB }: TaskShape): number =>
    (cpu / 1024) * prices.fargateVcpuHour.usd + (memoryMiB / 1024) * prices.fargateGbHour.usd;
  const times = (what: string, count: number, usd: number): CostLine => ({
    what,
    usd: count * usd,
    how: `${count} at $${Number(usd.toPrecision(4))}`,
  });
  const worker = workerShapeOf(deployment);
  const hourOf = (workers: number): CostLine[] => [
    times('workers', workers, workerHourUsd(worker, options.prices)),
    times('API', deployment.api.tasks, task(deployment.apiTask)),
    times('ingest', 1, task(deployment.ingest)),
    times('load balancer', 1, prices.loadBalancerHour.usd),
    times('endpoints', interfaceEndpoints(deployment) * zones, prices.endpointHour.usd),
    times('alarms', alarms, prices.alarmMonth.usd / hoursPerMonth),
    // Told by workers, and charged by the hour in which they are.
    times('metrics', workers > 0 ? metrics : 0, prices.metricMonth.usd / hoursPerMonth),
    times('secrets', secrets, prices.secretMonth.usd / hoursPerMonth),
    times('dashboard', 1, prices.dashboardMonth.usd / hoursPerMonth),
  ];
  const [idleHour, busyHour] = [hourOf(deployment.scaling.minWorkers), hourOf(deployment.scaling.maxWorkers)];
  const { picturesPerSecond, pictureBytes } = options;
  const million = costOfPictures(
    { pictures: 1_000_000, picturesPerSecond, pictureBytes, worker, queue: 'sqs' },
    options.prices,
  );
  return {
    resources: resourcesOf(deployment),
    idleHour,
    idleHourUsd: sum(idleHour),
    busyHour,
    busyHourUsd: sum(busyHour),
    millionUsd: million.jobUsd,
  };
}

const sum = (lines: readonly CostLine[]): number => lines.reduce((total, { usd }) => total + usd, 0);

const scalingText = ({ scaling: { minWorkers, maxWorkers } }: Deployment): string => `${minWorkers} to ${maxWorkers}`;
