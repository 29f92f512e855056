import { stat } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { RookeryError } from '@rookery/contracts';
import {
  type EventSource,
  Ingest,
  ingestMetrics,
  openFolderEvents,
  openSqsEvents,
  QueueWatch,
} from '@rookery/producer';
import type { Logger } from '@rookery/telemetry';
import { awsCredentialsOf } from '../aws-credentials.ts';
import { caOf } from '../ca-bundle.ts';
import type { Config } from '../config.ts';
import type { CommandContext } from '../context.ts';
import { checkStore } from '../fleet/check-store.ts';
import { processMetrics } from '../fleet/process-metrics.ts';
import { startHealth } from '../fleet/start-health.ts';
import { countDropped } from '../logs/count-dropped.ts';
import { openRegistryOf } from '../registry.ts';
import { tracerOf } from '../traces/tracer-of.ts';
import { startFeeding } from './feeding.ts';
import { localPath } from './parse-place.ts';
import { openEventPins, openPlaces, type ProducerOptions, producerFlags } from './producer-parts.ts';

export interface IngestCommandOptions extends ProducerOptions {
  readonly events?: string;
  readonly onRemoved?: string;
}

/** `rookery ingest`. */
export async function runIngest(options: IngestCommandOptions, context: CommandContext): Promise<void> {
  const flags = producerFlags(options);
  const config = await context.config({
    ...flags,
    producer: { ...flags.producer, events: options.events },
    worker: { onRemoved: options.onRemoved },
  });
  if (config.queue.address === 'memory:')
    throw new RookeryError('USAGE', { detail: '--queue: redis://host:port or sqs://name (`rookery up` needs none)' });
  const metrics = processMetrics('ingest');
  const log = await context.logger({ service: 'ingest', onDropped: countDropped(metrics) });
  await using tracer = await tracerOf(config, { service: 'ingest', metrics, log });
  const folder = await watchedFolder(config, context.cwd);
  const named = folder === undefined ? [] : [pathToFileURL(folder).href];
  await using places = await openPlaces(config, context, named, log);
  await checkStore(places.store, { log, signal: context.signal });
  await using registry = await openRegistryOf(config, context.cwd);
  await using pins = await openEventPins(registry, config, log);
  using _ = context.stdin.isTTY ? undefined : context.onHangup(() => pins.look());
  await using feeding = await startFeeding(config, places.ledger, { feed: true, tracer, log });
  const { queues } = feeding;
  if (!queues) throw new RookeryError('INTERNAL', { detail: 'no queue' });
  await using source = await openEvents(config, folder, log);
  await using ingest = new Ingest({
    source,
    store: places.store,
    open: (name) => places.buckets.open(name),
    queue: queues.events,
    pinFor: (key) => pins.pinFor(key),
    top: config.classify.top,
    filter: config.producer.suffixes && {
      suffixes: config.producer.suffixes.map((suffix) => (suffix === '*' ? '' : suffix)),
    },
    onRemoved: config.worker.onRemoved,
    tracer,
    log,
  });
  ingestMetrics(metrics, () => ingest.stats);
  const both = [queues.events, queues.jobs];
  await using _watch = config.worker.healthPort === 0 ? undefined : new QueueWatch({ queues: both, metrics, log });
  await using _health = await startHealth(config, { metrics, ready: () => !context.signal.aborted });
  ingest.start();
  log.info({ events: config.producer.events, store: places.store.location }, 'waiting for events');
  await new Promise<void>((resolve) => {
    if (context.signal.aborted) resolve();
    else context.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  log.info({ ...ingest.stats }, 'stopping');
}

async function watchedFolder({ producer }: Config, cwd: string): Promise<string | undefined> {
  const { events } = producer;
  if (events === undefined)
    throw new RookeryError('USAGE', { detail: '--events: an SQS queue (its name or https address), or a folder' });
  if (/^(https?|sqs):\/\//.test(events)) return undefined;
  const path = localPath(events, cwd);
  return (await stat(path).catch(() => undefined))?.isDirectory() ? path : undefined;
}

function openEvents(config: Config, folder: string | undefined, log: Logger): Promise<EventSource> {
  if (folder !== undefined) return openFolderEvents({ folder, log });
  const { producer, queue } = config;
  return openSqsEvents({
    queue: (producer.events ?? '').replace(/^sqs:\/\//, ''),
    endpoint: queue.sqsEndpoint,
    region: queue.sqsRegion,
    ca: caOf(config.store),
    // As tasks are: what a process that is killed had comes back after it.
    hideMs: queue.leaseMs,
    credentials: awsCredentialsOf(config),
  });
}
