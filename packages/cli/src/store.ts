import type { ObjectStore, S3Options } from '@rookery/storage';
import type { Config } from './config.ts';

/** Opens a place in a bucket or folder with what the configuration says about S3. @throws {RookeryError} REFERENCE_INVALID */
export async function openStoreOf(location: string, config: Config): Promise<ObjectStore> {
  const { openStore } = await import('@rookery/storage');
  return openStore(location, { s3: s3OptionsOf(config) });
}

/** S3 as configured; what is unset is left to the AWS conventions. */
export function s3OptionsOf({ store }: Config): S3Options {
  const { s3AccessKeyId: accessKeyId, s3SecretAccessKey: secretAccessKey, s3SessionToken: sessionToken } = store;
  const credentials = accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey, sessionToken } : undefined;
  return { endpoint: store.s3Endpoint, region: store.s3Region, forcePathStyle: store.s3PathStyle, credentials };
}
