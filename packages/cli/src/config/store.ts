import { httpAddress, list, optional, text, toggle } from './kinds.ts';
import { type Section, setting } from './setting.ts';

/** Where Rookery keeps jobs and labels, and which buckets and folders it may read pictures from. */
export const store = {
  /** `s3://bucket/prefix`, `file:///folder` or a path. */
  location: setting(text, { env: ['ROOKERY_STORE'], flag: '--store', default: '.rookery' }),
  /** Buckets (`s3://name`) and folders that tasks may name; as JSON (`["/srv/a, b"]`) where a name has a comma. Empty: only what a command itself names. */
  sources: setting(list, { env: ['ROOKERY_SOURCES'], flag: '--sources', default: [] }),
  /** Of any S3-compatible service. */
  s3Endpoint: setting(optional(httpAddress), {
    env: ['ROOKERY_S3_ENDPOINT', 'AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL'],
    flag: '--s3-endpoint',
    default: undefined,
  }),
  s3Region: setting(optional(text), {
    env: ['ROOKERY_S3_REGION', 'AWS_REGION', 'AWS_DEFAULT_REGION'],
    default: undefined,
  }),
  /** The bucket in the path instead of the host name; unset: where an endpoint is set. */
  s3PathStyle: setting(optional(toggle), { env: ['ROOKERY_S3_PATH_STYLE'], default: undefined }),
  /** For S3 and for SQS, as its secret and its session token. */
  s3AccessKeyId: setting(optional(text), { env: ['AWS_ACCESS_KEY_ID'], secret: true, default: undefined }),
  s3SecretAccessKey: setting(optional(text), { env: ['AWS_SECRET_ACCESS_KEY'], secret: true, default: undefined }),
  s3SessionToken: setting(optional(text), { env: ['AWS_SESSION_TOKEN'], secret: true, default: undefined }),
  /**
   * A file (PEM) of who may sign the certificates of S3, SQS and STS (roles), instead of those that are trusted otherwise, as AWS's own tools
   * take it. Keys that come of IAM Identity Center (SSO) or of a container's endpoint are asked for without it: there `NODE_EXTRA_CA_CERTS=FILE`
   * trusts it, for all that the process asks.
   */
  caBundle: setting(optional(text), { env: ['AWS_CA_BUNDLE'], default: undefined }),
} satisfies Section;
