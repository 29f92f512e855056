import { join, relative } from 'node:path';
import { parseLocation } from '@rookery/storage';
import type { Logger, Metrics, Tracer } from '@rookery/telemetry';
import type { RegistryOptions } from '../commands/registry-options.ts';
import type { Config } from '../config.ts';
import type { CommandContext } from '../context.ts';
import { countDropped } from '../logs/count-dropped.ts';
import { registryFlags } from '../registry.ts';
import { tracerOf } from '../traces/tracer-of.ts';
import { markersIn, startEmbeddedFleet } from './embedded-fleet.ts';
import { type JobParts, makeStoreFolder, openJobParts } from './job-parts.ts';
import { openAuth } from './open-auth.ts';
import { processMetrics } from './process-metrics.ts';
import { openServing, type Serving } from './serving.ts';
import { startHealth } from './start-health.ts';
import { type Service, startService } from './start-service.ts';
import { untilAborted } from './until-stopped.ts';

export interface ServeCommandOptions extends RegistryOptions {
  readonly host?: string;
  readonly port?: string;
  readonly grpcPort?: string;
  readonly model?: string;
  readonly labels?: string;
  readonly localRoot?: string;
  readonly store?: string;
  readonly sources?: string;
  readonly s3Endpoint?: string;
  readonly queue?: string;
  readonly queueName?: string;
  readonly keys?: string;
  /** Commander's form of `--no-auth`. */
  readonly auth?: boolean;
  readonly allowHttp?: boolean;
  readonly corsOrigins?: string;
  readonly trustProxy?: string;
  readonly rateLimit?: string;
  readonly uploads?: string;
  readonly maxWait?: string;
  readonly modelMemory?: string;
  readonly top?: string;
  readonly device?: string;
  readonly decode?: string;
  readonly threads?: string;
  readonly batch?: string;
  readonly grace?: string;
}

/** `rookery serve`. */
export async function runServe(options: ServeCommandOptions, context: CommandContext): Promise<void> {
  const config = await configOf(options, context);
  const { signal, cwd } = context;
  const metrics = processMetrics('serve');
  const stderr = !context.stderr.isTTY || context.verbose;
  const log = await context.logger({ service: 'serve', stderr, onDropped: countDropped(metrics) });
  await using tracer = await tracerOf(config, { service: 'serve', metrics, log });
  const notice = (text: string): void => void context.stderr.write(`${text}\n`);
  using auth = await openAuth(config, { cwd, log });
  await using serving = await openServing({ config, labels: options.labels, cwd, signal, notice, log });
  const fleet = await startJobs({ config, serving, metrics, tracer, log });
  // Of a terminal that is closed, it ends the service as ever.
  using _ = context.stdin.isTTY ? undefined : context.onHangup(() => void serving.models.follow());
  let service: Service | undefined;
  try {
    // It listens while the model loads: requests wait for the model, and a port that is taken is reported at once.
    service = await startService({ config, cwd, serving, jobs: fleet.jobs, auth, metrics, tracer, log });
    await serving.models.start();
    await announce(service, { config, serving, context, embedded: fleet.embedded });
    await untilAborted(signal, fleet.done);
  } catch (thrown) {
    // To be stopped is how this command ends.
    if (!signal.aborted) throw thrown;
  } finally {
    await service?.stop(config.worker.graceMs);
    await fleet.stop();
  }
}

function configOf(options: ServeCommandOptions, context: CommandContext): Promise<Config> {
  return context.config({
    api: {
      host: options.host,
      port: options.port,
      grpcPort: options.grpcPort,
      localRoot: options.localRoot,
      keys: options.keys,
      noAuth: options.auth === false ? true : undefined,
      allowHttp: options.allowHttp,
      corsOrigins: options.corsOrigins,
      trustProxy: options.trustProxy,
      rateLimit: options.rateLimit,
      uploads: options.uploads,
      maxWaitMs: options.maxWait,
      modelMemory: options.modelMemory,
    },
    models: { ...registryFlags(options), model: options.model },
    store: { location: options.store, sources: options.sources, s3Endpoint: options.s3Endpoint },
    queue: { address: options.queue, name: options.queueName },
    classify: {
      top: options.top,
      device: options.device,
      decode: options.decode,
      threads: options.threads,
      batch: options.batch,
    },
    worker: { graceMs: options.grace },
  });
}

interface JobsOfService {
  readonly jobs: JobParts;
  /** Jobs are done in this process. */
  readonly embedded: boolean;
  /** Rejects where the embedded worker breaks. */
  readonly done: Promise<void>;
  stop(): Promise<void>;
}

/** With a queue the fleet does the jobs; without one this process does. */
async function startJobs(options: {
  readonly config: Config;
  readonly serving: Serving;
  readonly metrics: Metrics;
  readonly tracer: Tracer;
  readonly log: Logger;
}): Promise<JobsOfService> {
  const { config, serving, metrics, tracer, log } = options;
  const { location } = config.store;
  if (config.queue.address === 'memory:') {
    // Before anything below it.
    await makeStoreFolder(location);
    const place = parseLocation(location);
    const markers = place.kind === 'fs' ? markersIn(place.folder) : join(config.models.cache, 'in-flight');
    const fleet = await startEmbeddedFleet({ ...options, location, markers });
    return { jobs: fleet, embedded: true, done: fleet.worker.done, stop: () => fleet.stop(config.worker.graceMs) };
  }
  const { modelsOfJobs: models, registry, defaultReference } = serving;
  const jobs = await openJobParts({
    config,
    location,
    queue: 'configured',
    models,
    registry,
    defaultReference,
    tracer,
    log,
  });
  jobs.feeder.start();
  const { models: hosted } = serving;
  const health = await startHealth(config, { metrics, ready: () => hosted.ready });
  return {
    jobs,
    embedded: false,
    done: new Promise(() => {}),
    async stop() {
      await health?.[Symbol.asyncDispose]();
      await jobs[Symbol.asyncDispose]();
    },
  };
}

async function announce(
  { address, grpcAddress, authentication }: Service,
  options: { config: Config; serving: Serving; context: CommandContext; embedded: boolean },
): Promise<void> {
  const { config, serving, context, embedded } = options;
  const { cwd, stdout } = context;
  using lease = await serving.models.use();
  const { name, version } = lease.hosted.resolved;
  const place = parseLocation(config.store.location);
  const store = place.kind === 'fs' ? relative(cwd, place.folder) || '.' : config.store.location;
  const more = [
    `  page     ${address}/`,
    `  try      curl --data-binary @photo.jpg -H 'content-type: image/jpeg' ${address}/v1/classify`,
    `  read     ${address}/docs`,
    ...(grpcAddress === undefined ? [] : [`  gRPC     ${grpcAddress}: the Open Inference Protocol`]),
    `  jobs     ${embedded ? 'done in this process' : 'done by the workers of the queue'}; they lie in ${store}`,
    authentication
      ? `  keys     asked for: ${config.api.keys}`
      : '  keys     not asked for: only this machine can reach it; `rookery keys create NAME` makes one',
  ];
  const lines = [`Rookery answers at ${address} with ${name}@${version}`, ...(context.quiet ? [] : more)];
  await stdout.write(`${lines.join('\n')}\n`);
}
