import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { openQueue } from '../../../packages/queue/dist/index.js';
import { startRedis, startS3, startSqs, testCredentials, testRegion } from '../../services/for-node.mjs';

const leaseMs = 60_000;

/** Queues and stores of a kind, with servers of their own. */
export async function openBackend(kind, folder) {
  const bucket = join(folder, 'pictures');
  await mkdir(bucket);
  const files = { bucket: pathToFileURL(bucket).href, storeLocation: join(folder, 'store'), s3: undefined };
  if (kind === 'memory') return { ...files, ...(await openQueues({ kind: 'memory' }, [])), servers: 'none' };
  if (kind === 'redis') {
    const redis = await startRedis();
    return { ...files, ...(await openQueues({ kind: 'bullmq', url: redis.url }, [redis])), servers: 'redis' };
  }
  const sqs = await startSqs();
  const s3 = await startS3();
  const credentials = testCredentials;
  const client = new S3Client({
    endpoint: s3.url ?? s3.endpoint,
    region: testRegion,
    credentials,
    forcePathStyle: true,
  });
  await client.send(new CreateBucketCommand({ Bucket: 'rookery-bench' }));
  client.destroy();
  const queue = { kind: 'sqs', endpoint: sqs.url ?? sqs.endpoint, region: testRegion, credentials, create: true };
  return {
    bucket: 'rookery-bench',
    storeLocation: 's3://rookery-bench/own',
    s3: { endpoint: s3.url ?? s3.endpoint, region: testRegion, credentials, pathStyle: true },
    ...(await openQueues(queue, [sqs, s3])),
    servers: `${sqs.kind} and ${s3.kind}`,
  };
}

async function openQueues(options, servers) {
  const events = await openQueue({ ...options, name: 'bench-events', leaseMs });
  const jobs = await openQueue({ ...options, name: 'bench-jobs', leaseMs });
  return {
    queues: { events, jobs },
    async close() {
      await events[Symbol.asyncDispose]();
      await jobs[Symbol.asyncDispose]();
      for (const server of servers) await server[Symbol.asyncDispose]();
    },
  };
}
