import { duration, httpAddress, optional, text } from './kinds.ts';
import { type Section, setting } from './setting.ts';

/** The queue between producers and workers. */
export const queue = {
  /**
   * `redis://user:password@host:port/database` (`rediss://` with TLS; one Redis, not Sentinel or Cluster), `sqs://name` (standard queues, not
   * FIFO), or `memory:`.
   */
  address: setting(text, { env: ['ROOKERY_QUEUE', 'REDIS_URL'], flag: '--queue', default: 'memory:' }),
  /** Two queues are made of it: `<name>-events` and `<name>-jobs`. */
  name: setting(text, { env: ['ROOKERY_QUEUE_NAME'], flag: '--queue-name', default: 'rookery' }),
  leaseMs: setting(duration(1000), { env: ['ROOKERY_LEASE'], flag: '--lease', default: 60_000 }),
  sqsEndpoint: setting(optional(httpAddress), {
    env: ['ROOKERY_SQS_ENDPOINT', 'AWS_ENDPOINT_URL_SQS', 'AWS_ENDPOINT_URL'],
    default: undefined,
  }),
  sqsRegion: setting(optional(text), {
    env: ['ROOKERY_SQS_REGION', 'AWS_REGION', 'AWS_DEFAULT_REGION'],
    default: undefined,
  }),
} satisfies Section;
