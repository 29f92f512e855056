import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { testRegion } from './s3.ts';

interface Access {
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

const connect = (access: Access, secretAccessKey = access.credentials.secretAccessKey): S3Client =>
  new S3Client({
    endpoint: access.endpoint,
    region: testRegion,
    forcePathStyle: true,
    credentials: { ...access.credentials, secretAccessKey },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 2,
  });

/** What is asked of an S3 server, each with the experiment that shows it. They resolve to whether the promise is kept. */
const experiments = {
  async 'conditional-writes'(s3: S3Client, bucket: string): Promise<boolean> {
    const racers = Array.from({ length: 8 }, (_, index) =>
      s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'raced', Body: String(index), IfNoneMatch: '*' })),
    );
    const wins = (await Promise.allSettled(racers)).filter(({ status }) => status === 'fulfilled');
    return wins.length === 1;
  },
  async signatures(_s3: S3Client, bucket: string, access: Access): Promise<boolean> {
    const forged = connect(access, 'not-the-secret');
    try {
      await forged.send(new PutObjectCommand({ Bucket: bucket, Key: 'forged', Body: 'x' }));
      return false;
    } catch {
      return true;
    } finally {
      forged.destroy();
    }
  },
  async 'if-match'(s3: S3Client, bucket: string): Promise<boolean> {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'matched', Body: 'x' }));
    try {
      await s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'matched', IfMatch: '"another"' }));
      return false;
    } catch (error) {
      return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 412;
    }
  },
  async tagging(s3: S3Client, bucket: string): Promise<boolean> {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'tagged', Body: 'x' }));
    const tags = [{ Key: 'label', Value: 'Alauda arvensis' }];
    await s3.send(new PutObjectTaggingCommand({ Bucket: bucket, Key: 'tagged', Tagging: { TagSet: tags } }));
    const read = await s3.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: 'tagged' }));
    return read.TagSet?.[0]?.Value === 'Alauda arvensis';
  },
  async versions(s3: S3Client, bucket: string): Promise<boolean> {
    await s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    const first = await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'versioned', Body: 'first' }));
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'versioned', Body: 'second' }));
    const read = await s3.send(
      new GetObjectCommand({ Bucket: bucket, Key: 'versioned', VersionId: first.VersionId ?? 'none' }),
    );
    const same = (await read.Body?.transformToString()) === 'first';
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'versioned' }));
    return same;
  },
} as const;

export type S3Promise = keyof typeof experiments;

/** Tries out what the server promises. Resolves to what it does not keep, with what was seen. */
export async function brokenS3Promises(access: Access): Promise<Partial<Record<S3Promise, string>>> {
  const s3 = connect(access);
  const bucket = `probe-${Date.now()}-${process.pid}`;
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const broken: Partial<Record<S3Promise, string>> = {};
  // One after the other: versions change how everything else in the bucket behaves, and come last.
  for (const [name, experiment] of Object.entries(experiments) as [S3Promise, (typeof experiments)[S3Promise]][]) {
    try {
      if (!(await experiment(s3, bucket, access))) broken[name] = 'the server does not do this';
    } catch (error) {
      broken[name] = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    }
  }
  s3.destroy();
  return broken;
}
