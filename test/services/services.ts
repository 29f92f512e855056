import { brokenNotifications } from './notification-promises.ts';
import { findPrometheus } from './prometheus.ts';
import { startRedis } from './redis.ts';
import { startS3, testCredentials, testRegion } from './s3.ts';
import { brokenS3Promises, type S3Promise } from './s3-promises.ts';
import { startSqs } from './sqs.ts';
import { brokenSqsPromises, type SqsPromise } from './sqs-promises.ts';

export interface Service<P extends string = never> {
  /** Whether it is there. Where not, its addresses lead nowhere and `missing` says why. */
  readonly available: boolean;
  readonly missing?: string;
  /** What it is: `redis`, `elasticmq`, `fauxqs`, `versitygw`...; `given` by an address in the environment. */
  readonly kind: string;
  readonly from: 'environment' | 'path' | 'cache' | 'nowhere';
  /** Promises that this server does not keep, so that nothing can be proven with it, and what was seen. */
  readonly broken: { readonly [promise in P]?: string };
}

export interface RedisService extends Service {
  readonly url: string;
}

interface AwsService<P extends string> extends Service<P> {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export type SqsService = AwsService<SqsPromise>;
/** Path style. */
export type S3Service = AwsService<S3Promise>;
/** S3 and SQS under one address, with notifications from buckets to queues. */
export type NotifyingService = AwsService<'notifications'>;

/** Programs, which tests start themselves. */
export interface PrometheusService extends Service {
  readonly promtool: string;
  readonly prometheus: string;
}

/** What `inject('services')` gives to a test. Plain data. */
export interface Services {
  readonly redis: RedisService;
  readonly sqs: SqsService;
  readonly s3: S3Service;
  readonly moto: NotifyingService;
  readonly prometheus: PrometheusService;
}

export type ServiceName = keyof Services;

interface Started<S> extends AsyncDisposable {
  readonly service: S;
}

const nothing = async (): Promise<void> => {};
/** A copy each time: the SDK writes into the credentials it is given. */
const aws = () => ({ region: testRegion, credentials: { ...testCredentials } });
const nowhere = 'http://127.0.0.1:1';

/** Credentials for a server that the environment names: the AWS conventions, else those of the servers started here. */
const givenAws = (endpoint: string) => ({
  endpoint,
  region: process.env.AWS_REGION ?? testRegion,
  credentials: {
    accessKeyId: process.env.AWS_ACCESS_KEY_ID ?? testCredentials.accessKeyId,
    secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY ?? testCredentials.secretAccessKey,
  },
  available: true,
  kind: 'given',
  from: 'environment' as const,
});

async function redis(): Promise<Started<RedisService>> {
  const given = process.env.ROOKERY_TEST_REDIS;
  if (given) {
    const service = { url: given, available: true, kind: 'given', from: 'environment', broken: {} } as const;
    return { service, [Symbol.asyncDispose]: nothing };
  }
  const server = await startRedis();
  return {
    service: { url: server.url, available: true, kind: 'redis', from: server.from, broken: {} },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function sqs(): Promise<Started<SqsService>> {
  const given = process.env.ROOKERY_TEST_SQS;
  if (given) {
    return { service: { ...givenAws(given), broken: await brokenSqsPromises(given) }, [Symbol.asyncDispose]: nothing };
  }
  const server = await startSqs();
  const { endpoint, kind, from } = server;
  return {
    service: { ...aws(), endpoint, kind, from, available: true, broken: await brokenSqsPromises(endpoint) },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function s3(): Promise<Started<S3Service>> {
  const given = process.env.ROOKERY_TEST_S3;
  if (given) {
    const service = givenAws(given);
    return { service: { ...service, broken: await brokenS3Promises(service) }, [Symbol.asyncDispose]: nothing };
  }
  const server = await startS3();
  const { endpoint, kind, from } = server;
  return {
    service: { ...aws(), endpoint, kind, from, available: true, broken: await brokenS3Promises(server) },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function moto(): Promise<Started<NotifyingService>> {
  const server = await startS3({ kinds: ['moto'] });
  const { endpoint, kind, from } = server;
  const seen = await brokenNotifications(endpoint);
  return {
    service: { ...aws(), endpoint, kind, from, available: true, broken: seen ? { notifications: seen } : {} },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function prometheus(): Promise<Started<PrometheusService>> {
  const programs = await findPrometheus();
  return {
    service: { ...programs, available: true, kind: 'prometheus', broken: {} },
    [Symbol.asyncDispose]: nothing,
  };
}

const starters = { redis, sqs, s3, moto, prometheus };

/** Starts what `wanted` names, side by side. What cannot be had is there all the same, as not available, with the reason. */
export async function startServices(wanted: readonly ServiceName[]): Promise<Started<Services>> {
  const stops: (() => PromiseLike<void>)[] = [];
  const start = async <N extends ServiceName>(name: N): Promise<Services[N]> => {
    try {
      if (!wanted.includes(name)) throw new Error('not asked for by ROOKERY_TEST_SERVICES');
      const started = (await starters[name]()) as Started<Services[N]>;
      stops.push(() => started[Symbol.asyncDispose]());
      return started.service;
    } catch (error) {
      const missing = error instanceof Error ? error.message : String(error);
      const absent = { available: false, missing, kind: 'none', from: 'nowhere', broken: {} } as const;
      const programs = { promtool: '', prometheus: '' };
      return {
        ...aws(),
        ...programs,
        ...absent,
        endpoint: nowhere,
        url: 'redis://127.0.0.1:1',
      } as unknown as Services[N];
    }
  };
  const [one, two, three, four, five] = await Promise.all([
    start('redis'),
    start('sqs'),
    start('s3'),
    start('moto'),
    start('prometheus'),
  ]);
  return {
    service: { redis: one, sqs: two, s3: three, moto: four, prometheus: five },
    async [Symbol.asyncDispose]() {
      await Promise.allSettled(stops.map((stop) => stop()));
    },
  };
}
