import type { ObjectStore, S3Options, StoreLog } from '@rookery/storage';
import { awsCredentialsOf } from './aws-credentials.ts';
import { caOf } from './ca-bundle.ts';
import type { Config } from './config.ts';
import type { CommandContext } from './context.ts';
import { colours } from './ui/colours.ts';
import { printable } from './ui/printable.ts';

/** Opens a place in a bucket or folder with what the configuration says about S3. @throws {RookeryError} REFERENCE_INVALID */
export async function openStoreOf(location: string, config: Config, log?: StoreLog): Promise<ObjectStore> {
  const { openStore } = await import('@rookery/storage');
  return openStore(location, { s3: s3OptionsOf(config, log) });
}

/** S3 as configured; what is unset is left to the AWS conventions. */
export function s3OptionsOf(config: Config, log?: StoreLog): S3Options {
  const { store } = config;
  return {
    endpoint: store.s3Endpoint,
    region: store.s3Region,
    forcePathStyle: store.s3PathStyle,
    credentials: awsCredentialsOf(config),
    ca: caOf(store),
    log,
  };
}

/** What stores have to say goes to whoever waits for the command. */
export const noticesOf = (context: CommandContext): StoreLog => ({
  warn(_fields, message) {
    if (!context.quiet) void context.stderr.write(`${colours(context.colour.stderr).dim(printable(message))}\n`);
  },
});
