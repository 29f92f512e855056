import type { StoreLog } from '../store-log.ts';

export interface S3Options {
  /** Of an S3-compatible server; AWS itself by default. */
  endpoint?: string | undefined;
  region?: string | undefined;
  /** `endpoint/bucket` instead of `bucket.endpoint`. @default true where an endpoint is given */
  forcePathStyle?: boolean | undefined;
  /** The AWS conventions (environment, profile, role of the task or machine) by default. */
  credentials?:
    | { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string | undefined }
    | undefined;
  /** PEM: who may sign the server's certificate, instead of those that Node trusts. */
  ca?: string | undefined;
  /** Connections at most, kept open between requests. @default 64 */
  maxSockets?: number | undefined;
  /** @default 5000 */
  connectTimeoutMs?: number | undefined;
  /** A request or an answer in which no byte moves for so long is given up and tried again. @default 20000 */
  stallTimeoutMs?: number | undefined;
  /** How often a request is tried. @default 5 */
  attempts?: number | undefined;
  /** The first wait is drawn from 0 to this, every further one from twice as much. @default 100 */
  retryBaseMs?: number | undefined;
  /** No wait is longer, except where the server asks for it (Retry-After, at most a minute). @default 10000 */
  retryMaxMs?: number | undefined;
  /** A request that is not done by then, repeats and all, is told to the log, and again every so often. @default 10000 */
  slowAfterMs?: number | undefined;
  log?: StoreLog | undefined;
}

const defaults = {
  region: 'us-east-1',
  maxSockets: 64,
  connectTimeoutMs: 5_000,
  stallTimeoutMs: 20_000,
  attempts: 5,
  retryBaseMs: 100,
  retryMaxMs: 10_000,
  slowAfterMs: 10_000,
};

export type ResolvedS3Options = Omit<S3Options, keyof typeof defaults> & typeof defaults & { forcePathStyle: boolean };

/** With the defaults where nothing is said. With neither an endpoint nor a region the region is left to the AWS conventions. */
export function resolveS3Options(options: S3Options): ResolvedS3Options {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  return { ...defaults, forcePathStyle: options.endpoint !== undefined, ...given };
}
