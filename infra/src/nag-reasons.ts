import { type CfnElement, type Stack, Stack as StackOf, Validations } from 'aws-cdk-lib';
import type { Bucket } from 'aws-cdk-lib/aws-s3';

/** Why a finding of AWS Solutions is none here. What is not named fails the synthesis. */
type Reasons = Readonly<Record<string, string>>;

const ofSecrets: Reasons = {
  SMG4: 'API keys are hashed and each is revoked by itself; what signs sessions is changed by hand, since a change ends every session.',
};

const ofTasks: Reasons = {
  ECS2: 'What stands in the environment is names of buckets and queues. Secrets come from Secrets Manager.',
  'IAM5[Resource::*]': 'ecr:GetAuthorizationToken knows no resource; it lets nobody read an image.',
  'IAM5[Resource::arn:<AWS::Partition>:ecs:REGION:<AWS::AccountId>:task/CLUSTER/*]':
    'Tasks have no name before they run: protection from scale-in is asked for by tasks of this cluster alone.',
};

const ofInstances: Reasons = {
  'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role]':
    'What AWS says that the agent of ECS needs; it changes with the agent.',
  'IAM5[Action::ecs:Submit*]': 'How the agent tells of its tasks.',
  AS3: 'The group follows the capacity that ECS asks for; what becomes of tasks is alarmed on.',
};

const ofPublicApi: Reasons = {
  EC23: 'The configuration opens the API to these networks, with a certificate; every call needs a key.',
};

const ofObjects = (bucket: Bucket): Reasons => ({
  [`IAM5[Resource::<${StackOf.of(bucket).getLogicalId(bucket.node.defaultChild as CfnElement)}.Arn>/*]`]:
    'Any picture of this bucket may be asked for, and labels lie under the names of pictures. The actions are listed one by one.',
});

interface Explained {
  readonly cluster: string;
  readonly buckets: readonly Bucket[];
  /** Reached from anywhere, over TLS. */
  readonly isPublic: boolean;
}

export function explainFindings(stack: Stack, { cluster, buckets, isPublic }: Explained): void {
  const filled = (id: string): string => id.replace('REGION', stack.region).replace('CLUSTER', cluster);
  const all = Object.assign(
    {},
    ofSecrets,
    ofTasks,
    ofInstances,
    isPublic ? ofPublicApi : {},
    ...buckets.map(ofObjects),
  ) as Reasons;
  for (const [id, reason] of Object.entries(all))
    Validations.of(stack).acknowledge({ id: `AwsSolutions::AwsSolutions-${filled(id)}`, reason });
}

export function explainSecrets(stack: Stack): void {
  for (const [id, reason] of Object.entries(ofSecrets))
    Validations.of(stack).acknowledge({ id: `AwsSolutions::AwsSolutions-${id}`, reason });
}
