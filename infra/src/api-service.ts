import { namesOf } from '@rookery/autoscale';
import { Duration } from 'aws-cdk-lib';
import { Peer, Port, SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { Secret as EcsSecret, FargateService } from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  type ApplicationTargetGroup,
  SslPolicy,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { readPictures, useStore } from './bucket-access.ts';
import { type Parts, Task } from './task.ts';

const port = 5000;

/** The API and its page, behind a load balancer: requests go where the model is warm. */
export class ApiService extends Construct {
  readonly service: FargateService;
  readonly balancer: ApplicationLoadBalancer;
  readonly targets: ApplicationTargetGroup;
  readonly address: string;

  constructor(scope: Construct, id: string, parts: Parts) {
    super(scope, id);
    const { deployment, network, cluster, queues, buckets } = parts;
    const { certificateArn, clients, tasks } = deployment.api;
    const keys = Secret.fromSecretNameV2(this, 'keys', namesOf(deployment.name).keysSecret);
    // Signs sessions of pages and addresses of uploads: the same on every task.
    const signing = new Secret(this, 'signing', {
      description: 'Rookery: signs sessions and upload addresses',
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
    });
    const { definition } = new Task(this, 'api', {
      parts,
      image: 'api',
      shape: deployment.apiTask,
      environment: { ROOKERY_TRUST_PROXY: network.vpc.vpcCidrBlock },
      container: {
        portMappings: [{ containerPort: port }],
        secrets: {
          ROOKERY_KEYS_TEXT: EcsSecret.fromSecretsManager(keys),
          ROOKERY_SESSION_SECRET: EcsSecret.fromSecretsManager(signing),
          ROOKERY_UPLOAD_SECRET: EcsSecret.fromSecretsManager(signing),
        },
      },
    });
    const { taskRole } = definition;
    for (const queue of [queues.events, queues.jobs]) {
      queue.grantSendMessages(taskRole);
      queue.grant(taskRole, 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl');
    }
    for (const dead of [queues.dead.events, queues.dead.jobs])
      dead.grant(taskRole, 'sqs:GetQueueUrl', 'sqs:GetQueueAttributes');
    readPictures(buckets, taskRole);
    useStore(buckets, taskRole);

    const open = new SecurityGroup(this, 'clients', { vpc: network.vpc, description: 'who may call the API' });
    this.service = new FargateService(this, 'service', {
      cluster: cluster.ecs,
      serviceName: `${deployment.name}-api`,
      taskDefinition: definition as never,
      // No number of tasks: a deployment would set it, and take away those that are busy. The least that scaling allows is started.
      capacityProviderStrategies: [{ capacityProvider: 'FARGATE', weight: 1 }],
      securityGroups: [network.tasks],
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      circuitBreaker: { rollback: true },
      minHealthyPercent: 100,
      healthCheckGracePeriod: Duration.seconds(60),
      enableECSManagedTags: true,
    });
    this.balancer = new ApplicationLoadBalancer(this, 'balancer', {
      vpc: network.vpc,
      // Without a certificate it is for whoever is inside, or has a way in.
      internetFacing: certificateArn !== undefined,
      vpcSubnets: { subnetType: certificateArn ? SubnetType.PUBLIC : SubnetType.PRIVATE_ISOLATED },
      securityGroup: open,
      dropInvalidHeaderFields: true,
      // Event streams are quiet for 15 s at most.
      idleTimeout: Duration.seconds(60),
    });
    this.balancer.logAccessLogs(buckets.accessLogs, 'balancer');
    const listener = this.balancer.addListener('api', {
      open: false,
      ...(certificateArn
        ? { port: 443, certificates: [{ certificateArn }], sslPolicy: SslPolicy.RECOMMENDED_TLS }
        : { port: 80, protocol: ApplicationProtocol.HTTP }),
    });
    for (const network of clients) open.addIngressRule(Peer.ipv4(network), Port.tcp(certificateArn ? 443 : 80));
    this.targets = listener.addTargets('tasks', {
      port,
      protocol: ApplicationProtocol.HTTP,
      targets: [this.service],
      healthCheck: { path: '/health/ready', interval: Duration.seconds(10), healthyThresholdCount: 2 },
      deregistrationDelay: Duration.seconds(30),
    });
    const scaling = this.service.autoScaleTaskCount({ minCapacity: tasks, maxCapacity: tasks * 4 });
    scaling.scaleOnCpuUtilization('busy', { targetUtilizationPercent: 60, scaleInCooldown: Duration.minutes(5) });
    this.address = `${certificateArn ? 'https' : 'http'}://${this.balancer.loadBalancerDnsName}`;
  }
}
