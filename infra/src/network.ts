import type { Deployment } from '@rookery/autoscale';
import { RemovalPolicy } from 'aws-cdk-lib';
import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { logRetention } from './log-retention.ts';

/** What tasks talk to beside S3, each through an endpoint of its own: no NAT, no way out. */
const services = {
  sqs: InterfaceVpcEndpointAwsService.SQS,
  ecr: InterfaceVpcEndpointAwsService.ECR,
  'ecr-docker': InterfaceVpcEndpointAwsService.ECR_DOCKER,
  logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  secrets: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
} as const;

/** What the agent of an EC2 instance needs on top. */
const servicesOfInstances = {
  ecs: InterfaceVpcEndpointAwsService.ECS,
  'ecs-agent': InterfaceVpcEndpointAwsService.ECS_AGENT,
  'ecs-telemetry': InterfaceVpcEndpointAwsService.ECS_TELEMETRY,
} as const;

/** Two zones: public subnets for the load balancer, isolated ones for everything that runs. */
export class Network extends Construct {
  readonly vpc: Vpc;
  /** Of every task: nothing comes in but what is allowed by name. */
  readonly tasks: SecurityGroup;

  constructor(scope: Construct, id: string, { worker, logDays }: Deployment) {
    super(scope, id);
    this.vpc = new Vpc(this, 'vpc', {
      ipAddresses: IpAddresses.cidr('10.20.0.0/16'),
      maxAzs: 2,
      natGateways: 0,
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
        { name: 'tasks', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 20 },
      ],
      gatewayEndpoints: { s3: { service: GatewayVpcEndpointAwsService.S3 } },
    });
    this.vpc.addFlowLog('rejected', {
      destination: FlowLogDestination.toCloudWatchLogs(
        new LogGroup(this, 'flow', { retention: logRetention(logDays), removalPolicy: RemovalPolicy.DESTROY }),
      ),
      trafficType: FlowLogTrafficType.REJECT,
    });
    this.tasks = new SecurityGroup(this, 'tasks', { vpc: this.vpc, description: 'tasks of the fleet' });
    const endpoints = new SecurityGroup(this, 'endpoints', {
      vpc: this.vpc,
      description: 'endpoints of AWS services, for tasks alone',
      allowAllOutbound: false,
    });
    endpoints.addIngressRule(this.tasks, Port.tcp(443), 'from tasks');
    const needed = { ...services, ...(worker.runsOn === 'gpu' && servicesOfInstances) };
    for (const [name, service] of Object.entries(needed))
      this.vpc.addInterfaceEndpoint(name, { service, securityGroups: [endpoints], open: false });
  }
}
