import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { Services } from '../../../test/services/index.ts';

/** A bucket that nobody else uses; resolves to its name. */
export async function newBucket({ endpoint, region, credentials }: Services['s3']): Promise<string> {
  const client = new S3Client({ endpoint, region, credentials: { ...credentials }, forcePathStyle: true });
  const name = `test-${randomUUID()}`;
  await client.send(new CreateBucketCommand({ Bucket: name }));
  client.destroy();
  return name;
}
