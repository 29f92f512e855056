import { type Deployment, namesOf } from '@rookery/autoscale';
import { AutoScalingGroup, BlockDeviceVolume } from 'aws-cdk-lib/aws-autoscaling';
import { InstanceType, LaunchTemplate, SubnetType, UserData } from 'aws-cdk-lib/aws-ec2';
import {
  AmiHardwareType,
  AsgCapacityProvider,
  type CapacityProviderStrategy,
  ContainerInsights,
  Cluster as EcsCluster,
  EcsOptimizedImage,
} from 'aws-cdk-lib/aws-ecs';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Network } from './network.ts';

interface ClusterProps {
  readonly deployment: Deployment;
  readonly network: Network;
}

/** Where tasks run, and what workers run on. */
export class Cluster extends Construct {
  readonly ecs: EcsCluster;
  readonly workersRunOn: CapacityProviderStrategy[];

  constructor(scope: Construct, id: string, { deployment, network }: ClusterProps) {
    super(scope, id);
    const { runsOn } = deployment.worker;
    this.ecs = new EcsCluster(this, 'ecs', {
      clusterName: namesOf(deployment.name).cluster,
      vpc: network.vpc,
      enableFargateCapacityProviders: true,
      containerInsightsV2: ContainerInsights.ENABLED,
    });
    const capacityProvider =
      runsOn === 'gpu' ? this.#gpus(deployment, network) : runsOn === 'fargate-spot' ? 'FARGATE_SPOT' : 'FARGATE';
    this.workersRunOn = [{ capacityProvider, weight: 1 }];
  }

  /** Instances that come when tasks wait for one and go when they are empty. */
  #gpus({ worker, scaling }: Deployment, { vpc, tasks }: Network): string {
    const role = new Role(this, 'instances', {
      assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonEC2ContainerServiceforEC2Role')],
    });
    const launchTemplate = new LaunchTemplate(this, 'gpu', {
      instanceType: new InstanceType(worker.instance ?? 'g4dn.xlarge'),
      machineImage: EcsOptimizedImage.amazonLinux2(AmiHardwareType.GPU),
      userData: UserData.forLinux(),
      requireImdsv2: true,
      securityGroup: tasks,
      role,
      blockDevices: [{ deviceName: '/dev/xvda', volume: BlockDeviceVolume.ebs(60, { encrypted: true }) as never }],
    });
    const group = new AutoScalingGroup(this, 'gpus', {
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      launchTemplate,
      minCapacity: 0,
      maxCapacity: scaling.maxWorkers,
    });
    const provider = new AsgCapacityProvider(this, 'gpu-capacity', {
      autoScalingGroup: group,
      enableManagedTerminationProtection: true,
      enableManagedScaling: true,
      targetCapacityPercent: 100,
    });
    this.ecs.addAsgCapacityProvider(provider);
    return provider.capacityProviderName;
  }
}
