import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { deploymentOf, fleetMetrics, resourcesOf, scalingPresets } from '@rookery/autoscale';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Synthesised, synthesised } from './synthesised.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe.each(['small', 'spot', 'gpu'] as const)('the fleet, preset %s', (preset) => {
  let made: Synthesised;
  beforeAll(() => {
    made = synthesised({ preset });
  }, 60_000);

  const service = (name: string) =>
    made.of('AWS::ECS::Service').find(({ Properties }) => Properties.ServiceName === `rookery-${name}`);
  const statements = () =>
    made
      .of('AWS::IAM::Policy')
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .map(({ Action, Resource }) => ({ actions: [Action].flat() as string[], resources: [Resource].flat() }));

  it('has no way out but the endpoints of the services that it uses', () => {
    made.fleet.resourceCountIs('AWS::EC2::NatGateway', 0);
    const endpoints = made.of('AWS::EC2::VPCEndpoint').map(({ Properties }) => JSON.stringify(Properties.ServiceName));
    for (const needed of ['.s3', '.sqs', '.ecr.api', '.ecr.dkr', '.logs', '.secretsmanager'])
      expect(endpoints.some((name) => name.includes(needed))).toBe(true);
    expect(endpoints).toHaveLength(preset === 'gpu' ? 9 : 6);
    for (const { Properties } of made.of('AWS::ECS::Service'))
      expect(Properties.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp ?? 'DISABLED').toBe('DISABLED');
  });

  it('tells of pictures, and never of what it writes itself', () => {
    const told = made.of('AWS::S3::Bucket').filter(({ Properties }) => Properties.NotificationConfiguration);
    expect(told).toHaveLength(1);
    const [{ Properties } = { Properties: {} }] = told;
    expect(Properties.BucketName).toMatchObject({
      'Fn::Join': ['', ['rookery-pictures-', expect.anything(), '-us-east-1']],
    });
    expect(
      Properties.NotificationConfiguration.QueueConfigurations.map(({ Event }: { Event: string }) => Event),
    ).toEqual(['s3:ObjectCreated:*', 's3:ObjectRemoved:*']);
    for (const { Properties } of made.of('AWS::ECS::TaskDefinition')) {
      const [{ Environment }] = Properties.ContainerDefinitions;
      const store = Environment.find(({ Name }: { Name: string }) => Name === 'ROOKERY_STORE').Value;
      expect(JSON.stringify(store)).toContain('bucketsstore');
    }
  });

  it('keeps what is given up, and everything encrypted', () => {
    const queues = made.of('AWS::SQS::Queue').map(({ Properties }) => Properties);
    expect(queues.map(({ QueueName }) => QueueName).sort()).toEqual([
      'rookery-bucket-events',
      'rookery-bucket-events-dead',
      'rookery-events',
      'rookery-events-dead',
      'rookery-jobs',
      'rookery-jobs-dead',
    ]);
    for (const { QueueName, RedrivePolicy, SqsManagedSseEnabled, MessageRetentionPeriod } of queues) {
      expect([SqsManagedSseEnabled, MessageRetentionPeriod]).toEqual([true, 1_209_600]);
      expect(RedrivePolicy?.maxReceiveCount).toBe(QueueName.endsWith('-dead') ? undefined : 1_000);
    }
    for (const { Properties } of made.of('AWS::S3::Bucket')) {
      expect(Properties.BucketEncryption).toBeDefined();
      expect(Properties.PublicAccessBlockConfiguration.BlockPublicAcls).toBe(true);
      expect(Properties.LifecycleConfiguration.Rules.length).toBeGreaterThan(0);
    }
  });

  it('lets nobody do more than they must', () => {
    for (const { actions, resources } of statements()) {
      expect(actions.filter((action) => action.includes('*') && action !== 'ecs:Submit*')).toEqual([]);
      if (resources.includes('*'))
        expect(actions.every((action) => /^(ecr:GetAuthorizationToken|ecs:|ec2:|logs:)/.test(action))).toBe(true);
    }
    const ingestPolicy = JSON.stringify(
      made.of('AWS::IAM::Policy').find(({ Properties }) => /ingest.*TaskRole/.test(JSON.stringify(Properties.Roles))),
    );
    expect(ingestPolicy).not.toContain('ecs:');
    // Tags are for workers to write, and for nobody else.
    const tagging = made
      .of('AWS::IAM::Policy')
      .filter(({ Properties }) => JSON.stringify(Properties).includes('PutObjectTagging'));
    expect(tagging.map(({ Properties }) => JSON.stringify(Properties.Roles).includes('worker'))).toEqual([true]);
  });

  it('starts workers before what sends tasks to them', () => {
    const [worker] = made.logicalIds('AWS::ECS::Service').filter((id) => id.startsWith('worker'));
    for (const name of ['ingest', 'api']) expect(service(name)?.DependsOn).toContain(worker);
  });

  it('rolls back what does not come up, and runs nothing as root or on a writable disk', () => {
    for (const { Properties } of made.of('AWS::ECS::Service'))
      expect(Properties.DeploymentConfiguration.DeploymentCircuitBreaker).toEqual({ Enable: true, Rollback: true });
    for (const { Properties } of made.of('AWS::ECS::TaskDefinition')) {
      const [container] = Properties.ContainerDefinitions;
      expect(container).toMatchObject({ User: '1000:1000', ReadonlyRootFilesystem: true, StopTimeout: 120 });
      expect(container.Environment.filter(({ Name }: { Name: string }) => /KEY|SECRET/.test(Name))).toEqual([]);
    }
    made.fleet.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', { HealthCheckPath: '/health/ready' });
  });

  it('gives tasks no setting that Rookery does not know, and no place to write that their images do not declare', () => {
    const configuration = readFileSync(`${root}docs/reference/configuration.md`, 'utf8');
    const volumes = JSON.parse(/^VOLUME (.*)$/m.exec(readFileSync(`${root}docker/Dockerfile`, 'utf8'))?.[1] ?? '[]');
    for (const { Properties } of made.of('AWS::ECS::TaskDefinition')) {
      const [{ Environment, Secrets = [], MountPoints }] = Properties.ContainerDefinitions;
      const names = [...Environment, ...Secrets].map(({ Name }: { Name: string }) => Name);
      expect(names.filter((name) => name !== 'AWS_REGION' && !configuration.includes(`\`${name}\``))).toEqual([]);
      expect(MountPoints.map(({ ContainerPath }: { ContainerPath: string }) => ContainerPath)).toEqual(volumes);
    }
  });

  it('leaves the number of what it scales to the scaling when it is deployed again', () => {
    const scaled = made.of('AWS::ApplicationAutoScaling::ScalableTarget').map(({ Properties }) => Properties);
    expect(scaled.map(({ ScalableDimension }) => ScalableDimension)).toEqual(Array(2).fill('ecs:service:DesiredCount'));
    for (const name of ['worker', 'api']) expect(service(name)?.Properties).not.toHaveProperty('DesiredCount');
    // Nothing scales the one that moves keys.
    expect(service('ingest')?.Properties.DesiredCount).toBe(1);
  });

  it('runs workers where the preset says', () => {
    const { CapacityProviderStrategy: strategy } = service('worker')?.Properties ?? {};
    const provider = { small: 'FARGATE', spot: 'FARGATE_SPOT', gpu: { Ref: expect.any(String) } }[preset];
    expect(strategy).toEqual([{ CapacityProvider: provider, Weight: 1 }]);
    made.fleet.resourceCountIs('AWS::AutoScaling::AutoScalingGroup', preset === 'gpu' ? 1 : 0);
  });

  it('scales by the policy of the simulator: the same numbers, from none and back to none', () => {
    const config = scalingPresets[preset];
    made.fleet.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', {
      MinCapacity: config.minWorkers,
      MaxCapacity: config.maxWorkers,
      ScalableDimension: 'ecs:service:DesiredCount',
    });
    const policies = made.of('AWS::ApplicationAutoScaling::ScalingPolicy').map(({ Properties }) => Properties);
    const tracking = policies.find(({ PolicyName }) => PolicyName === 'rookery-backlog-per-worker');
    const { TargetTrackingScalingPolicyConfiguration: track } = tracking;
    expect(track).toMatchObject({
      TargetValue: config.backlogPerWorker,
      ScaleOutCooldown: config.scaleOutCooldownMs / 1_000,
      ScaleInCooldown: config.scaleInCooldownMs / 1_000,
    });
    const { Metrics } = track.CustomizedMetricSpecification;
    expect(Metrics.filter(({ ReturnData }: { ReturnData: boolean }) => ReturnData)).toEqual([
      expect.objectContaining({
        Expression:
          '(FILL(waitingEvents, 0) + FILL(waitingJobs, 0) + FILL(leasedEvents, 0) + FILL(leasedJobs, 0)) / IF(FILL(running, 0) < 1, 1, FILL(running, 0))',
      }),
    ]);
    const steps = policies
      .filter(({ PolicyType }) => PolicyType === 'StepScaling')
      .map(({ StepScalingPolicyConfiguration }) => StepScalingPolicyConfiguration);
    expect(steps.every(({ AdjustmentType }) => AdjustmentType === 'ExactCapacity')).toBe(true);
    const adjustments = steps.flatMap(({ StepAdjustments }) => StepAdjustments);
    expect(Math.max(...adjustments.map(({ ScalingAdjustment }) => ScalingAdjustment))).toBe(config.maxWorkers);
    expect(adjustments).toContainEqual({ MetricIntervalUpperBound: 0, ScalingAdjustment: config.minWorkers });
  });

  it('holds what the plan says, no more and no less', () => {
    const planned = resourcesOf(deploymentOf({ preset }));
    const found = planned.map(({ type, what }) => ({ type, count: made.of(type).length, what }));
    expect(found).toEqual(planned);
  });

  it('alarms before users do', () => {
    const alarms = made
      .of('AWS::CloudWatch::Alarm')
      .filter(({ Properties }) => Properties.AlarmDescription.startsWith('Rookery'));
    expect(alarms).toHaveLength(10);
    for (const { Properties } of alarms) expect(Properties.AlarmActions).toHaveLength(1);
    const asked = alarms
      .flatMap(({ Properties }) => Properties.Metrics ?? [])
      .map(({ MetricStat }) => MetricStat?.Metric);
    expect(asked.filter((metric) => metric?.Namespace === fleetMetrics.namespace)).toEqual(
      [fleetMetrics.names.labelled, fleetMetrics.names.failed].map((MetricName) => ({
        Namespace: 'Rookery',
        MetricName,
        Dimensions: [{ Name: 'Queue', Value: 'rookery' }],
      })),
    );
  });

  it('is what it was', async () => {
    const plain = JSON.stringify(made.fleet.toJSON(), null, 1).replaceAll(/[0-9a-f]{64}/g, 'HASH');
    await expect(plain).toMatchFileSnapshot(`snapshots/${preset}.json`);
  });
});

describe('a deployment', () => {
  it('has images and keys in a stack of their own, which comes first', () => {
    const { base } = synthesised({ name: 'owls' });
    base.resourceCountIs('AWS::ECR::Repository', 3);
    base.hasResourceProperties('AWS::ECR::Repository', {
      RepositoryName: 'owls-worker',
      ImageTagMutability: 'IMMUTABLE',
    });
    base.hasResourceProperties('AWS::SecretsManager::Secret', { Name: 'owls/keys' });
    expect(JSON.stringify(base.toJSON())).not.toContain('SecretString');
  }, 60_000);

  it('speaks HTTPS where there is a certificate', () => {
    const certificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/one';
    const { fleet } = synthesised({ api: { certificateArn, clients: ['0.0.0.0/0'] }, alarmEmail: 'owl@example.org' });
    fleet.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
      Port: 443,
      Protocol: 'HTTPS',
      Certificates: [{ CertificateArn: certificateArn }],
    });
    fleet.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'owl@example.org' });
  }, 60_000);

  const keySecretArn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:wandb-AbCdEf';

  it('tracks its workers where it is told a server, whose key lies in Secrets Manager alone', () => {
    const tracker = { baseUrl: 'https://wandb.example.org', keySecretArn, entity: 'team', samples: 5 };
    const made = synthesised({ name: 'owls', tracker });
    const configuration = readFileSync(`${root}docs/reference/configuration.md`, 'utf8');
    for (const { Properties } of made.of('AWS::ECS::TaskDefinition')) {
      const [{ Environment, Secrets = [], Image }] = Properties.ContainerDefinitions;
      const told = Environment.filter(({ Name }: { Name: string }) => /^WANDB_|TRACKER/.test(Name));
      const keys = Secrets.filter(({ Name }: { Name: string }) => Name === 'WANDB_API_KEY');
      if (!JSON.stringify(Image).includes('owls-worker')) {
        expect([...told, ...keys]).toEqual([]);
        continue;
      }
      expect(Object.fromEntries(told.map(({ Name, Value }: { Name: string; Value: string }) => [Name, Value]))).toEqual(
        {
          ROOKERY_TRACKER: 'wandb',
          ROOKERY_TRACKER_DIR: '/tmp/runs',
          ROOKERY_TRACKER_GROUP: 'owls',
          ROOKERY_TRACKER_SAMPLES: '5',
          WANDB_BASE_URL: 'https://wandb.example.org',
          WANDB_PROJECT: 'rookery',
          WANDB_ENTITY: 'team',
        },
      );
      expect(keys).toEqual([{ Name: 'WANDB_API_KEY', ValueFrom: keySecretArn }]);
      for (const { Name } of [...told, ...keys]) expect(configuration).toContain(`\`${Name}\``);
    }
    const reads = made
      .of('AWS::IAM::Policy')
      .filter(({ Properties }) => JSON.stringify(Properties.PolicyDocument).includes(keySecretArn));
    expect(reads.map(({ Properties }) => JSON.stringify(Properties.Roles))).toEqual([
      expect.stringMatching(/worker.*ExecutionRole/),
    ]);
  }, 60_000);

  it.each([
    [{ tracker: { baseUrl: 'https://wandb.example.org' } }, 'keySecretArn'],
    [{ tracker: { baseUrl: 'wandb.example.org', keySecretArn } }, 'baseUrl'],
    [{ preset: 'large' }, 'preset'],
    [{ name: 'Upper' }, 'name'],
    // ECR takes no such names.
    [{ name: 'two--hyphens' }, 'name'],
    [{ name: 'ends-' }, 'name'],
    [{ imageTag: 'no tag' }, 'imageTag'],
    [{ model: ' ' }, 'model'],
    [null, 'expected object'],
    [{ scaling: { maxWorkers: 20_000 } }, 'scaling.maxWorkers'],
    [{ api: { clients: ['999.1.2.3/8'] } }, 'api.clients'],
    [{ api: { clients: ['10.0.0.0/0'] } }, 'certificateArn'],
    [{ api: { clients: ['172.16.0.0/8'] } }, 'certificateArn'],
    [{ scaling: { minWorkers: 9, maxWorkers: 3 } }, 'scaling.minWorkers'],
    [{ presets: 'small' }, 'presets'],
    [{ api: { clients: ['0.0.0.0/0'] } }, 'certificateArn'],
  ])('%j is refused by the name of what is wrong', (config, named) => {
    expect(() => synthesised(config)).toThrow(named);
  });
});
