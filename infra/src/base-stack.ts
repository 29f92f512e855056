import { type Deployment, namesOf } from '@rookery/autoscale';
import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { Repository, TagMutability } from 'aws-cdk-lib/aws-ecr';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { explainSecrets } from './nag-reasons.ts';

export const imageNames = ['worker', 'producer', 'api'] as const;

/** What must be there before anything can run, and is filled by hand: the images, and the keys that let people in. */
export class BaseStack extends Stack {
  constructor(scope: Construct, id: string, { deployment, ...props }: StackProps & { deployment: Deployment }) {
    super(scope, id, { ...props, description: `Rookery: images and keys of ${deployment.name}` });
    const names = namesOf(deployment.name);
    for (const image of imageNames)
      new Repository(this, image, {
        repositoryName: names.repository(image),
        imageScanOnPush: true,
        // A tag means the same bytes for ever: what was tested is what runs.
        imageTagMutability: TagMutability.IMMUTABLE,
        lifecycleRules: [{ description: 'the last thirty', maxImageCount: 30 }],
        removalPolicy: RemovalPolicy.RETAIN,
      });
    // Without a value: the API does not start before there is a key.
    const keys = new CfnSecret(this, 'keys', {
      name: names.keysSecret,
      description: "Rookery: hashed API keys, as 'rookery keys' writes them",
    });
    keys.applyRemovalPolicy(RemovalPolicy.RETAIN);
    explainSecrets(this);
  }
}
