import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Buckets } from './buckets.ts';

/** The bytes of pictures, by version too, and what lies where. */
export function readPictures({ pictures }: Buckets, grantee: IGrantable): void {
  allow(grantee, ['s3:GetObject', 's3:GetObjectVersion'], pictures.arnForObjects('*'));
  allow(grantee, ['s3:ListBucket'], pictures.bucketArn);
}

/** Labels as tags of the pictures, for jobs that ask for it. */
export function tagPictures({ pictures }: Buckets, grantee: IGrantable): void {
  allow(grantee, ['s3:GetObjectTagging', 's3:PutObjectTagging'], pictures.arnForObjects('*'));
}

/** Labels and jobs: written, read, taken away. */
export function useStore({ store }: Buckets, grantee: IGrantable): void {
  const objects = ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'];
  allow(grantee, objects, store.arnForObjects('*'));
  allow(grantee, ['s3:ListBucket'], store.bucketArn);
}

function allow(grantee: IGrantable, actions: string[], arn: string): void {
  Grant.addToPrincipal({ grantee, actions, resourceArns: [arn] }).assertSuccess();
}
