import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openQueue, type TaskQueue } from '@rookery/queue';
import { type ObjectStore, openStore } from '@rookery/storage';

export const leaseMs = 2_000;

/** A queue as the command is told of it, and as a test looks into it. */
export interface QueuePlace {
  /** `ROOKERY_QUEUE`. */
  readonly address: string;
  /** The two queues are `<name>-events` and `<name>-jobs`. */
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  /** Opens one of the two; where it is missing and can be made, it is. */
  open(name: string): Promise<TaskQueue>;
}

export const redisQueue = (url: string, name = `faults-${randomUUID().slice(0, 8)}`): QueuePlace => ({
  address: url,
  name,
  env: {},
  open: (name) => openQueue({ kind: 'bullmq', url, name, leaseMs }),
});

export interface AwsAddress {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

const awsEnv = ({ region, credentials }: AwsAddress) => ({
  AWS_REGION: region,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
});

export const sqsQueue = (name: string, { endpoint, region, credentials }: AwsAddress): QueuePlace => ({
  address: `sqs://${name}`,
  name,
  env: { ...awsEnv({ endpoint, region, credentials }), ROOKERY_SQS_ENDPOINT: endpoint },
  open: (lane) => openQueue({ kind: 'sqs', name: lane, leaseMs, create: true, endpoint, region, credentials }),
});

/** A place in a store, as the command is told of it and as a test looks into it. */
export interface StorePlace {
  /** A path, or `s3://bucket/prefix`. */
  readonly location: string;
  /** As tasks name it. */
  readonly bucket: string;
  readonly env: Readonly<Record<string, string>>;
  open(): Promise<ObjectStore>;
}

export const folderStore = (folder: string): StorePlace => ({
  location: folder,
  bucket: pathToFileURL(folder).href,
  env: {},
  open: () => openStore(folder, {}),
});

export const folderIn = (folder: string, name: string): StorePlace => folderStore(join(folder, name));

/** `direct`: where the test itself asks, if what the command is told leads through a proxy. */
export const s3Store = (
  place: { bucket: string; prefix?: string },
  told: AwsAddress,
  direct: AwsAddress = told,
): StorePlace => {
  const location = `s3://${place.bucket}/${place.prefix ?? ''}`;
  const { endpoint, region, credentials } = direct;
  return {
    location,
    bucket: place.bucket,
    env: { ...awsEnv(told), ROOKERY_S3_ENDPOINT: told.endpoint },
    open: () => openStore(location, { s3: { endpoint, region, credentials } }),
  };
};
