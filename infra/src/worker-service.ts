import type { Deployment } from '@rookery/autoscale';
import { namesOf } from '@rookery/autoscale';
import { Duration, Stack } from 'aws-cdk-lib';
import { SubnetType } from 'aws-cdk-lib/aws-ec2';
import { type BaseService, Ec2Service, FargateService, type HealthCheck, Secret } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Secret as SecretsManagerSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { readPictures, tagPictures, useStore } from './bucket-access.ts';
import { type Parts, Task } from './task.ts';

/** Of a warm worker; the image's own check as ECS knows it. */
const health: HealthCheck = {
  command: ['CMD', 'node', '/app/dist/health.mjs', 'http://127.0.0.1:8080/health/live'],
  interval: Duration.seconds(10),
  timeout: Duration.seconds(3),
  startPeriod: Duration.seconds(60),
};

/** The fleet: as many tasks as the backlog asks for, each with one warm model. */
export class WorkerService extends Construct {
  readonly service: BaseService;

  constructor(scope: Construct, id: string, parts: Parts) {
    super(scope, id);
    const { deployment, network, cluster, queues, buckets } = parts;
    const { worker, tracker } = deployment;
    const gpu = worker.runsOn === 'gpu';
    const { definition } = new Task(this, 'worker', {
      parts,
      image: 'worker',
      shape: worker,
      gpu,
      environment: {
        // The stop timeout of ECS, less what handing back takes.
        ROOKERY_GRACE: '100s',
        ...(gpu && { ROOKERY_DEVICE: '0' }),
        ...trackerOf(deployment),
      },
      container: { healthCheck: health, ...(tracker && { secrets: { WANDB_API_KEY: keyOf(this, tracker) } }) },
    });
    const { taskRole } = definition;
    for (const queue of [queues.events, queues.jobs]) {
      queue.grantConsumeMessages(taskRole);
      queue.grantSendMessages(taskRole);
    }
    for (const dead of [queues.dead.events, queues.dead.jobs]) {
      dead.grantSendMessages(taskRole);
      dead.grant(taskRole, 'sqs:GetQueueUrl', 'sqs:GetQueueAttributes');
    }
    readPictures(buckets, taskRole);
    tagPictures(buckets, taskRole);
    useStore(buckets, taskRole);
    taskRole.addToPrincipalPolicy(protection(this, deployment));
    const common = {
      cluster: cluster.ecs,
      serviceName: `${deployment.name}-worker`,
      // No number of tasks: a deployment would set it, and take away workers that the backlog has asked for. The first one starts a single
      // worker, which shows that the image comes up, and goes when it finds nothing to do.
      capacityProviderStrategies: cluster.workersRunOn,
      securityGroups: [network.tasks],
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      circuitBreaker: { rollback: true },
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      enableECSManagedTags: true,
    };
    this.service = gpu
      ? new Ec2Service(this, 'service', { ...common, taskDefinition: definition as never })
      : new FargateService(this, 'service', { ...common, taskDefinition: definition as never });
  }
}

/** One run a worker, grouped by deployment. What is not yet sent lies in the task's own `/tmp`. */
function trackerOf({ name, tracker }: Deployment): Record<string, string> {
  if (!tracker) return {};
  const { baseUrl, project, entity, samples } = tracker;
  return {
    ROOKERY_TRACKER: 'wandb',
    ROOKERY_TRACKER_DIR: '/tmp/runs',
    ROOKERY_TRACKER_GROUP: name,
    WANDB_BASE_URL: baseUrl,
    WANDB_PROJECT: project,
    ...(entity && { WANDB_ENTITY: entity }),
    ...(samples > 0 && { ROOKERY_TRACKER_SAMPLES: String(samples) }),
  };
}

const keyOf = (scope: Construct, { keySecretArn }: NonNullable<Deployment['tracker']>): Secret =>
  Secret.fromSecretsManager(SecretsManagerSecret.fromSecretCompleteArn(scope, 'tracker-key', keySecretArn));

/** A busy worker is not taken when the fleet shrinks: it asks for that itself, for tasks of this cluster alone. */
function protection(scope: Construct, { name }: Deployment): PolicyStatement {
  const { partition, region, account } = Stack.of(scope);
  return new PolicyStatement({
    sid: 'ScaleInProtection',
    actions: ['ecs:GetTaskProtection', 'ecs:UpdateTaskProtection'],
    resources: [`arn:${partition}:ecs:${region}:${account}:task/${namesOf(name).cluster}/*`],
  });
}
