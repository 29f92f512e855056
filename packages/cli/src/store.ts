import type { ObjectStore } from '@rookery/storage';
import type { Config } from './config.ts';

/** Opens a place in a bucket or folder with what the configuration says about S3. @throws STORE_*, REFERENCE_INVALID */
export async function openStoreOf(location: string, config: Config): Promise<ObjectStore> {
  const { openStore } = await import('@rookery/storage');
  return openStore(location, { s3: s3OptionsOf(config) });
}

/** S3 as configured; what is unset is left to the AWS conventions. */
export function s3OptionsOf({ store }: Config) {
  return {
    ...(store.s3Endpoint !== undefined && { endpoint: store.s3Endpoint }),
    ...(store.s3Region !== undefined && { region: store.s3Region }),
    ...(store.s3PathStyle !== undefined && { pathStyle: store.s3PathStyle }),
  };
}
