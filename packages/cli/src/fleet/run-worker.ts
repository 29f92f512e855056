import { createBuckets } from '@rookery/storage';
import type { RegistryOptions } from '../commands/registry-options.ts';
import type { CommandContext } from '../context.ts';
import { countDropped } from '../logs/count-dropped.ts';
import { openQueuesOf } from '../queues.ts';
import { openRegistryOf, registryFlags } from '../registry.ts';
import { openStoreOf, s3OptionsOf } from '../store.ts';
import { tracerOf } from '../traces/tracer-of.ts';
import { checkStore } from './check-store.ts';
import { processMetrics } from './process-metrics.ts';
import { untilStopped } from './until-stopped.ts';
import { uploadsPlace } from './uploads-place.ts';
import { startWorkerOf } from './worker-of.ts';

export interface WorkerCommandOptions extends RegistryOptions {
  readonly queue?: string;
  readonly queueName?: string;
  readonly store?: string;
  readonly sources?: string;
  readonly s3Endpoint?: string;
  readonly model?: string;
  readonly warmModels?: string;
  readonly device?: string;
  readonly threads?: string;
  readonly batch?: string;
  readonly lease?: string;
  readonly leaseAhead?: string;
  readonly grace?: string;
  readonly healthPort?: string;
  readonly healthHost?: string;
  readonly tracker?: string;
  readonly trackerGroup?: string;
  readonly tagEvents?: boolean;
  readonly onRemoved?: string;
}

/** `rookery worker`. */
export async function runWorker(options: WorkerCommandOptions, context: CommandContext): Promise<void> {
  const config = await context.config({
    queue: { address: options.queue, name: options.queueName, leaseMs: options.lease },
    store: { location: options.store, sources: options.sources, s3Endpoint: options.s3Endpoint },
    models: { ...registryFlags(options), model: options.model },
    classify: { device: options.device, threads: options.threads, batch: options.batch },
    tracker: { kind: options.tracker, group: options.trackerGroup },
    worker: {
      models: options.warmModels,
      leaseAhead: options.leaseAhead,
      graceMs: options.grace,
      healthPort: options.healthPort,
      healthHost: options.healthHost,
      tagEvents: options.tagEvents,
      onRemoved: options.onRemoved,
    },
  });
  const metrics = processMetrics('worker');
  const log = await context.logger({ service: 'worker', onDropped: countDropped(metrics) });
  await using tracer = await tracerOf(config, { service: 'worker', metrics, log });
  await using store = await openStoreOf(config.store.location, config, log);
  await checkStore(store, { log, signal: context.signal });
  const { allow: uploads } = uploadsPlace(config, config.store.location);
  await using buckets = createBuckets({ allow: [...config.store.sources, uploads], s3: s3OptionsOf(config, log) });
  await using queues = await openQueuesOf(config, { log });
  // Unless it was asked for, no place is taken by a model that tasks may never need.
  const warm = config.origins.get('models.model') === 'default' ? [] : [config.models.model];
  await using registry = await openRegistryOf(config, context.cwd);
  const worker = await startWorkerOf(config, {
    queues,
    store,
    buckets,
    warm,
    registry,
    rollout: { registry, reference: config.models.model },
    metrics,
    tracer,
    log,
    lifeSigns: true,
    output: (line) => context.stdout.write(line),
  });
  // Of a terminal that is closed, it ends the worker as ever.
  using _ = context.stdin.isTTY ? undefined : context.onHangup(() => worker.look());
  if (worker.healthUrl) log.info({ url: worker.healthUrl }, 'serving health and metrics');
  const { sources } = config.store;
  log.info({ store: store.location, sources, queues: [queues.events.name, queues.jobs.name] }, 'leasing tasks');
  await untilStopped(worker, { signal: context.signal, graceMs: config.worker.graceMs });
}
