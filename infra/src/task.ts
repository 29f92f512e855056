import { type Deployment, namesOf, type TaskShape } from '@rookery/autoscale';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type IRepository, Repository } from 'aws-cdk-lib/aws-ecr';
import {
  type ContainerDefinition,
  type ContainerDefinitionOptions,
  ContainerImage,
  CpuArchitecture,
  Ec2TaskDefinition,
  FargateTaskDefinition,
  LogDrivers,
  NetworkMode,
  OperatingSystemFamily,
  type TaskDefinition,
} from 'aws-cdk-lib/aws-ecs';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Buckets } from './buckets.ts';
import type { Cluster } from './cluster.ts';
import { logRetention } from './log-retention.ts';
import type { Network } from './network.ts';
import type { Queues } from './queues.ts';

/** What every service is built from. */
export interface Parts {
  readonly deployment: Deployment;
  readonly network: Network;
  readonly queues: Queues;
  readonly buckets: Buckets;
  readonly cluster: Cluster;
}

interface TaskProps {
  readonly parts: Parts;
  readonly image: 'worker' | 'producer' | 'api';
  readonly shape: TaskShape;
  readonly gpu?: boolean;
  readonly environment: Readonly<Record<string, string>>;
  readonly container?: Partial<ContainerDefinitionOptions>;
}

/** One container of Rookery: not root, nothing writable but `/tmp`, its log in CloudWatch. */
export class Task extends Construct {
  readonly definition: TaskDefinition;
  readonly container: ContainerDefinition;
  readonly repository: IRepository;

  constructor(scope: Construct, id: string, { parts, image, shape, gpu = false, environment, container }: TaskProps) {
    super(scope, id);
    const { deployment, buckets } = parts;
    const names = namesOf(deployment.name);
    this.definition = gpu
      ? new Ec2TaskDefinition(this, 'task', { networkMode: NetworkMode.AWS_VPC, volumes: [{ name: 'scratch' }] })
      : new FargateTaskDefinition(this, 'task', {
          cpu: shape.cpu,
          memoryLimitMiB: shape.memoryMiB,
          runtimePlatform: {
            operatingSystemFamily: OperatingSystemFamily.LINUX,
            cpuArchitecture: CpuArchitecture.X86_64,
          },
          volumes: [{ name: 'scratch' }],
        });
    this.repository = Repository.fromRepositoryName(this, 'images', names.repository(image));
    this.container = this.definition.addContainer('rookery', {
      image: ContainerImage.fromEcrRepository(this.repository, deployment.imageTag),
      ...(gpu && { gpuCount: 1, cpu: shape.cpu, memoryLimitMiB: shape.memoryMiB }),
      user: '1000:1000',
      readonlyRootFilesystem: true,
      stopTimeout: Duration.seconds(120),
      logging: LogDrivers.awsLogs({
        streamPrefix: image,
        logGroup: new LogGroup(this, 'log', {
          logGroupName: `/rookery/${deployment.name}/${image}`,
          retention: logRetention(deployment.logDays),
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      }),
      environment: {
        AWS_REGION: deployment.region,
        ROOKERY_QUEUE: `sqs://${names.queue}`,
        ROOKERY_QUEUE_NAME: names.queue,
        ROOKERY_STORE: `s3://${buckets.store.bucketName}/rookery`,
        ROOKERY_SOURCES: [buckets.pictures, buckets.store].map(({ bucketName }) => `s3://${bucketName}`).join(','),
        ROOKERY_MODEL: deployment.model,
        ...(deployment.registry && { ROOKERY_REGISTRY: `s3://${buckets.store.bucketName}/models` }),
        ...environment,
      },
      ...container,
    });
    this.container.addMountPoints({ sourceVolume: 'scratch', containerPath: '/tmp', readOnly: false });
  }
}
