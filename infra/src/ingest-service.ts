import { namesOf } from '@rookery/autoscale';
import { SubnetType } from 'aws-cdk-lib/aws-ec2';
import { FargateService } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { readPictures, useStore } from './bucket-access.ts';
import { type Parts, Task } from './task.ts';

/** Turns notifications of the bucket into tasks. One is enough: it moves keys, never pictures. */
export class IngestService extends Construct {
  readonly service: FargateService;

  constructor(scope: Construct, id: string, parts: Parts) {
    super(scope, id);
    const { deployment, network, cluster, queues, buckets } = parts;
    const { definition } = new Task(this, 'ingest', {
      parts,
      image: 'producer',
      shape: deployment.ingest,
      environment: { ROOKERY_EVENTS: namesOf(deployment.name).bucketEvents },
    });
    const { taskRole } = definition;
    queues.bucketEvents.grantConsumeMessages(taskRole);
    for (const queue of [queues.events, queues.jobs]) queue.grantSendMessages(taskRole);
    for (const dead of Object.values(queues.dead)) dead.grant(taskRole, 'sqs:GetQueueUrl', 'sqs:GetQueueAttributes');
    readPictures(buckets, taskRole);
    // Labels of what is removed go, and the events of jobs are fed from here.
    useStore(buckets, taskRole);
    this.service = new FargateService(this, 'service', {
      cluster: cluster.ecs,
      serviceName: `${deployment.name}-ingest`,
      taskDefinition: definition as never,
      desiredCount: 1,
      capacityProviderStrategies: [{ capacityProvider: 'FARGATE', weight: 1 }],
      securityGroups: [network.tasks],
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      circuitBreaker: { rollback: true },
      // Two at once for a moment do no harm: an event may be told twice.
      minHealthyPercent: 100,
      enableECSManagedTags: true,
    });
  }
}
