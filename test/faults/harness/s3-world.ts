import { readFile } from 'node:fs/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { inject } from 'vitest';
import { type S3Server, startS3 } from '../../services/index.ts';
import { type AwsAddress, type StorePlace, s3Store } from './backends.ts';
import { keysOf } from './pictures.ts';

/** An S3 server of one test, pictures in it. */
export interface S3World extends AsyncDisposable {
  readonly server: S3Server;
  /** As the fleet is told of them, straight or by a proxy; the test itself asks straight. */
  pictures(told?: string): StorePlace;
  store(told?: string): StorePlace;
}

const pictureBucket = 'pictures';
const storeBucket = 'rookery';

/** Only kinds that keep what S3 promises: conditional writes above all. */
export async function startS3World(
  { pictures, count }: { pictures: string; count: number } = inject('undisturbed'),
): Promise<S3World> {
  const server = await startS3({ kinds: ['versitygw', 'minio'] });
  const { endpoint, region, credentials } = server;
  const client = new S3Client({ endpoint, region, credentials: { ...credentials }, forcePathStyle: true });
  for (const Bucket of [pictureBucket, storeBucket]) await client.send(new CreateBucketCommand({ Bucket }));
  client.destroy();
  const direct: AwsAddress = { endpoint, region, credentials };
  const at = (bucket: string, told: string | undefined): StorePlace =>
    s3Store({ bucket }, { ...direct, endpoint: told ?? endpoint }, direct);
  await using bucket = await at(pictureBucket, undefined).open();
  for (const key of keysOf(count)) await bucket.put(key, await readFile(`${pictures}/${key}`));
  return {
    server,
    pictures: (told) => at(pictureBucket, told),
    store: (told) => at(storeBucket, told),
    [Symbol.asyncDispose]: async () => server[Symbol.asyncDispose](),
  };
}
