import type { JobsParts } from '@rookery/api';
import type { Pin } from '@rookery/contracts';
import { JobLedger } from '@rookery/jobs';
import { meantFor, type Registry } from '@rookery/models';
import { Feeder } from '@rookery/producer';
import { MemoryBroker } from '@rookery/queue';
import { createBuckets, parseLocation } from '@rookery/storage';
import type { Logger, Tracer } from '@rookery/telemetry';
import type { WorkerOptions } from '@rookery/worker';
import type { Config } from '../config.ts';
import { pinnedAs } from '../engines/pinned-as.ts';
import { makeFolder } from '../make-folder.ts';
import { openQueuesOf, type Queues } from '../queues.ts';
import { openStoreOf, s3OptionsOf } from '../store.ts';
import { checkStore } from './check-store.ts';
import { dashboardFolder } from './dashboard-folder.ts';
import { uploadsPlace } from './uploads-place.ts';

export interface JobPartsOptions {
  readonly config: Config;
  /** Of Rookery's own objects. */
  readonly location: string;
  /** Buckets and folders that jobs may read, besides the configured ones. */
  readonly sources?: readonly string[];
  /** `memory`: of this process, whatever is configured. */
  readonly queue: 'memory' | 'configured';
  /** Where models come from, and which one is the default. */
  readonly models: WorkerOptions['registry'];
  readonly registry: Pick<Registry, 'rollout'>;
  readonly defaultReference: string;
  readonly tracer: Tracer;
  readonly log: Logger;
}

/** What jobs are made of and fed from, wherever they are done. */
export interface JobParts extends JobsParts, AsyncDisposable {
  readonly buckets: ReturnType<typeof createBuckets>;
  readonly queues: Queues;
}

/** Nothing is fed yet: `feeder.start()`. */
export async function openJobParts(options: JobPartsOptions): Promise<JobParts> {
  const { config, location, sources = [], queue, models, registry, defaultReference, tracer, log } = options;
  const memory = { ...config, queue: { ...config.queue, address: 'memory:' } };
  const store = await openStoreOf(location, config, log);
  const uploads = uploadsPlace(config, location);
  const allow = [...sources, ...config.store.sources, uploads.allow];
  const buckets = createBuckets({ allow, s3: s3OptionsOf(config, log) });
  const close = async (): Promise<void> => {
    await buckets[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  };
  let queues: Queues;
  try {
    await makeStoreFolder(location);
    await checkStore(store, { log });
    queues = await (queue === 'memory'
      ? openQueuesOf(memory, { log, broker: new MemoryBroker() })
      : openQueuesOf(config, { log }));
  } catch (thrown) {
    await close();
    throw thrown;
  }
  const ledger = new JobLedger(store);
  const feeder = new Feeder({ ledger, queue: queues.jobs, tracer, log });
  const { variant } = config.classify;
  return {
    store,
    ledger,
    buckets,
    queues,
    feeder,
    resume: queue === 'memory' ? 'tasks' : 'plans',
    uploads: { bucket: uploads.bucket, secret: config.api.uploadSecret },
    ...besidesOf(config, queue),
    async pinOf(reference = defaultReference, job): Promise<Pin> {
      const meant = job === undefined ? reference : await meantFor(registry, reference, job);
      const model = await models.load(meant, variant === undefined ? {} : { variant });
      return pinnedAs(model, config, log);
    },
    async [Symbol.asyncDispose]() {
      await feeder[Symbol.asyncDispose]();
      await queues[Symbol.asyncDispose]();
      await close();
    },
  };
}

/** Where the store is a folder: it holds uploads too, which may be listed before the first one is there. */
export async function makeStoreFolder(location: string): Promise<void> {
  const place = parseLocation(location);
  if (place.kind === 'fs') await makeFolder(place.folder, '--store');
}

/** What there is only where it is configured. */
function besidesOf({ api, queue }: Config, kind: JobPartsOptions['queue']): Pick<JobsParts, 'webhooks' | 'dashboard'> {
  const { webhookSecrets: secrets, allowHttp } = api;
  const isRedis = kind === 'configured' && /^rediss?:\/\//.test(queue.address);
  const names = ['events', 'jobs'].map((lane) => `${queue.name}-${lane}`);
  return {
    webhooks: secrets.length > 0 ? { secrets, allowHttp } : undefined,
    dashboard: isRedis ? { url: queue.address, names, uiFolder: dashboardFolder() } : undefined,
  };
}
