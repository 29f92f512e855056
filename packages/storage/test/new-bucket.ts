import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import type { Services } from '../../../test/services/index.ts';

/** A bucket that nobody else uses; resolves to its name. */
export async function newBucket(
  { endpoint, region, credentials }: Services['s3'],
  options: { versions?: boolean } = {},
): Promise<string> {
  const client = new S3Client({ endpoint, region, credentials: { ...credentials }, forcePathStyle: true });
  const name = `test-${randomUUID()}`;
  await client.send(new CreateBucketCommand({ Bucket: name }));
  if (options.versions) {
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    await client.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration }));
  }
  client.destroy();
  return name;
}
