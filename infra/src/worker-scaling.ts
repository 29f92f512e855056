import { type Deployment, startSteps } from '@rookery/autoscale';
import { Duration } from 'aws-cdk-lib';
import {
  AdjustmentType,
  CfnScalingPolicy,
  ScalableTarget,
  ServiceNamespace,
  StepScalingAction,
} from 'aws-cdk-lib/aws-applicationautoscaling';
import { Alarm, type AlarmProps, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { ApplicationScalingAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Construct } from 'constructs';
import { type BacklogMetrics, backlogMetrics, period } from './backlog-metrics.ts';
import type { Queues } from './queues.ts';
import type { WorkerService } from './worker-service.ts';

interface WorkerScalingProps {
  readonly deployment: Deployment;
  readonly queues: Queues;
  readonly worker: WorkerService;
}

/**
 * The policy of `packages/autoscale` in the terms of AWS: the backlog of each worker is kept at the target; a fleet of none starts with as many
 * as the backlog asks for, since a share of nothing cannot be tracked; one that has nothing left to do goes to its minimum.
 */
export class WorkerScaling extends Construct {
  readonly metrics: BacklogMetrics;
  readonly running: Metric;

  constructor(scope: Construct, id: string, { deployment, queues, worker }: WorkerScalingProps) {
    super(scope, id);
    const { scaling } = deployment;
    const { service } = worker;
    this.running = new Metric({
      namespace: 'ECS/ContainerInsights',
      metricName: 'RunningTaskCount',
      dimensionsMap: { ClusterName: service.cluster.clusterName, ServiceName: service.serviceName },
      statistic: 'Maximum',
      period,
    });
    this.metrics = backlogMetrics(queues, this.running);
    const target = new ScalableTarget(this, 'workers', {
      serviceNamespace: ServiceNamespace.ECS,
      resourceId: `service/${service.cluster.clusterName}/${service.serviceName}`,
      scalableDimension: 'ecs:service:DesiredCount',
      minCapacity: scaling.minWorkers,
      maxCapacity: scaling.maxWorkers,
    });
    this.#track(target, deployment);
    this.#start(target, deployment);
    this.#end(target, deployment);
  }

  #track(target: ScalableTarget, { scaling, name }: Deployment): void {
    const { parts, backlogPerWorker } = this.metrics;
    new CfnScalingPolicy(this, 'track', {
      policyName: `${name}-backlog-per-worker`,
      policyType: 'TargetTrackingScaling',
      scalingTargetId: target.scalableTargetId,
      targetTrackingScalingPolicyConfiguration: {
        targetValue: scaling.backlogPerWorker,
        scaleOutCooldown: scaling.scaleOutCooldownMs / 1_000,
        scaleInCooldown: scaling.scaleInCooldownMs / 1_000,
        customizedMetricSpecification: {
          metrics: [
            ...Object.entries(parts).map(([part, { namespace, metricName, dimensions, statistic }]) => ({
              id: part,
              returnData: false,
              metricStat: {
                stat: statistic,
                metric: {
                  namespace,
                  metricName,
                  dimensions: Object.entries(dimensions ?? {}).map(([key, value]) => ({ name: key, value })),
                },
              },
            })),
            { id: 'perWorker', expression: backlogPerWorker.expression, label: 'backlog per worker', returnData: true },
          ],
        },
      },
    });
  }

  /** From none. */
  #start(target: ScalableTarget, { scaling }: Deployment): void {
    const steps = startSteps(scaling);
    const [first] = steps;
    const least = first?.from ?? 1;
    const action = new StepScalingAction(this, 'start', {
      scalingTarget: target,
      adjustmentType: AdjustmentType.EXACT_CAPACITY,
      cooldown: Duration.millis(scaling.scaleOutCooldownMs),
    });
    for (const [at, { from, workers }] of steps.entries()) {
      const next = steps[at + 1]?.from;
      action.addAdjustment({
        adjustment: workers,
        lowerBound: from - least,
        ...(next !== undefined && { upperBound: next - least }),
      });
    }
    const { GREATER_THAN_OR_EQUAL_TO_THRESHOLD } = ComparisonOperator;
    this.#alarm('backlog-without-workers', action, {
      metric: this.metrics.backlogWithoutWorkers,
      threshold: least,
      comparisonOperator: GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
    });
  }

  /** To the least, once nothing has been left to do for as long as the fleet is to wait. */
  #end(target: ScalableTarget, { scaling }: Deployment): void {
    const action = new StepScalingAction(this, 'end', {
      scalingTarget: target,
      adjustmentType: AdjustmentType.EXACT_CAPACITY,
      cooldown: Duration.millis(scaling.scaleInCooldownMs),
    });
    action.addAdjustment({ adjustment: scaling.minWorkers, upperBound: 0 });
    this.#alarm('nothing-to-do', action, {
      metric: this.metrics.backlog,
      threshold: 0,
      comparisonOperator: ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: Math.max(1, Math.ceil(scaling.scaleInCooldownMs / period.toMilliseconds())),
    });
  }

  #alarm(id: string, action: StepScalingAction, when: AlarmProps): void {
    new Alarm(this, id, {
      ...when,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription: `scales the fleet: ${id.replaceAll('-', ' ')}`,
    }).addAlarmAction(new ApplicationScalingAction(action));
  }
}
