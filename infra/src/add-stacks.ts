import { type Deployment, namesOf } from '@rookery/autoscale';
import { type App, Tags } from 'aws-cdk-lib';
import { BaseStack } from './base-stack.ts';
import { FleetStack } from './fleet-stack.ts';

/** Behaviour of the CDK that newer projects have by default. */
export const context = { '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true };

/** What CloudFormation takes no tags for. */
const withoutTags = [
  'AWS::ApplicationAutoScaling::ScalableTarget',
  'AWS::CloudWatch::Dashboard',
  'AWS::ElasticLoadBalancingV2::Listener',
];

/** The stacks of a deployment: images and keys are put there between the first and the second. */
export function addStacks(app: App, deployment: Deployment): { base: BaseStack; fleet: FleetStack } {
  const names = namesOf(deployment.name);
  const env = { region: deployment.region };
  // Which fleet something belongs to, also on the bill.
  Tags.of(app).add('rookery', deployment.name, { excludeResourceTypes: withoutTags });
  return {
    base: new BaseStack(app, names.baseStack, { env, deployment }),
    fleet: new FleetStack(app, names.fleetStack, { env, deployment }),
  };
}
