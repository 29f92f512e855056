import { RookeryError } from '@rookery/contracts';
import type { MemoryBroker, OutageLog, QueueOptions, TaskQueue } from '@rookery/queue';
import { type Logger, redact } from '@rookery/telemetry';
import { awsCredentialsOf } from './aws-credentials.ts';
import { caOf } from './ca-bundle.ts';
import type { Config } from './config.ts';

/** The two queues of a fleet. Closing it closes both. */
export interface Queues extends AsyncDisposable {
  readonly events: TaskQueue;
  readonly jobs: TaskQueue;
}

export interface OpenQueuesOptions {
  readonly log?: Logger | undefined;
  /** What `memory:` means: the queues of this process. Without it that address is refused, since nobody else would see the tasks. */
  readonly broker?: MemoryBroker | undefined;
  /** Queues of SQS that are missing are made. Those in Redis come with their first task. */
  readonly create?: boolean | undefined;
}

/** Opens `<name>-events` and `<name>-jobs` where the configuration says. @throws QUEUE_UNAVAILABLE, CONFIG_INVALID */
export async function openQueuesOf(config: Config, options: OpenQueuesOptions = {}): Promise<Queues> {
  const { openQueue, OutageLog } = await import('@rookery/queue');
  const outages = new OutageLog(options.log);
  const open = (lane: 'events' | 'jobs') => openQueue(optionsOf(config, lane, { ...options, outages }));
  const opened = await Promise.allSettled([open('events'), open('jobs')]);
  const [events, jobs] = opened.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : undefined));
  const close = async (): Promise<void> => {
    await Promise.all([events?.[Symbol.asyncDispose](), jobs?.[Symbol.asyncDispose]()]);
  };
  if (events && jobs) return { events, jobs, [Symbol.asyncDispose]: close };
  await close();
  throw opened.find((outcome) => outcome.status === 'rejected')?.reason;
}

function optionsOf(
  config: Config,
  lane: 'events' | 'jobs',
  { log, broker, create, outages }: OpenQueuesOptions & { readonly outages: OutageLog },
): QueueOptions {
  const { queue } = config;
  const { address, leaseMs } = queue;
  const base = { leaseMs, log };
  if (/^rediss?:\/\/([^/]*@)?[^@/]*,[^@/]*(\/|$)/.test(address) || /^redis[-+]?(sentinel|cluster)/.test(address))
    throw invalid(
      address,
      'a Sentinel or Cluster is not spoken with: one Redis, or the address that follows its primary',
    );
  if (/^rediss?:\/\//.test(address) && !URL.canParse(address))
    throw invalid(address, 'a "/", "?", "#" or "@" of a password is written %2F, %3F, %23, %40');
  if (/^rediss?:\/\//.test(address))
    return { ...base, kind: 'bullmq', url: address, outages, name: `${queue.name}-${lane}` };
  if (address === 'memory:') {
    if (broker) return { ...base, kind: 'memory', broker, name: `${queue.name}-${lane}` };
    throw invalid(
      address,
      'the memory queue lives in one process, such as that of `rookery up`; --queue (ROOKERY_QUEUE) names one for several, redis://host:port or sqs://name',
    );
  }
  const sqs = {
    ...base,
    kind: 'sqs',
    create,
    endpoint: queue.sqsEndpoint,
    region: queue.sqsRegion,
    credentials: awsCredentialsOf(config),
    ca: caOf(config.store),
  } as const;
  const byName = /^sqs:\/\/([A-Za-z0-9_-]+)$/.exec(address);
  if (byName) return { ...sqs, name: `${byName[1]}-${lane}` };
  if (address.endsWith('.fifo')) throw invalid(address, 'a queue is a standard queue, not FIFO');
  if (/^(sqs:\/\/)?https?:\/\/|^arn:/.test(address))
    throw invalid(address, 'queues of SQS are named, as sqs://name: of it <name>-events and <name>-jobs are made');
  throw invalid(address, 'it is none of redis://host:port, sqs://name');
}

const invalid = (address: string, why: string): RookeryError =>
  new RookeryError('CONFIG_INVALID', {
    detail: `queue.address ${JSON.stringify(redact(address))}: ${why}`,
  });
