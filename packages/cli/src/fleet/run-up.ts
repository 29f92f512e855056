import { join, relative, resolve } from 'node:path';
import { labelsOf, type Pin, type ResultLine } from '@rookery/contracts';
import { Ingest, openFolderEvents, reconcileLabels } from '@rookery/producer';
import type { Logger } from '@rookery/telemetry';
import type { RegistryOptions } from '../commands/registry-options.ts';
import type { CommandContext } from '../context.ts';
import { countDropped } from '../logs/count-dropped.ts';
import { EventPins } from '../produce/event-pins.ts';
import { registryFlags } from '../registry.ts';
import { tracerOf } from '../traces/tracer-of.ts';
import { printable } from '../ui/printable.ts';
import { claimFolder } from './claim-folder.ts';
import { bucketOf, type EmbeddedFleet, markersIn, startEmbeddedFleet } from './embedded-fleet.ts';
import { openAuth } from './open-auth.ts';
import { processMetrics } from './process-metrics.ts';
import { openServing } from './serving.ts';
import { type Service, startService } from './start-service.ts';
import { untilAborted } from './until-stopped.ts';

export interface UpCommandOptions extends RegistryOptions {
  readonly model?: string;
  readonly top?: string;
  readonly threads?: string;
  readonly batch?: string;
  readonly healthPort?: string;
  readonly decode?: string;
  readonly onRemoved?: string;
  readonly host?: string;
  readonly port?: string;
}

/** `rookery up DIR`. */
export async function runUp(folder: string, options: UpCommandOptions, context: CommandContext): Promise<void> {
  const config = await context.config({
    models: { ...registryFlags(options), model: options.model },
    classify: { top: options.top, decode: options.decode, threads: options.threads, batch: options.batch },
    worker: { healthPort: options.healthPort, onRemoved: options.onRemoved },
    api: { host: options.host, port: options.port },
  });
  const metrics = processMetrics('up');
  const stderr = !context.stderr.isTTY || context.verbose;
  const log = await context.logger({ service: 'up', stderr, onDropped: countDropped(metrics) });
  const { signal } = context;
  const root = resolve(context.cwd, folder);
  const inbox = join(root, 'inbox');
  const show = (lines: readonly ResultLine[]): void => {
    if (!context.quiet) void context.stdout.write(lines.map(shown).join(''));
  };
  await using tracer = await tracerOf(config, { service: 'up', metrics, log });
  const notice = (text: string): void => void context.stderr.write(`${text}\n`);
  await using _claim = await claimFolder(root);
  using auth = await openAuth(config, { cwd: context.cwd, log });
  await using serving = await openServing({ config, labels: undefined, cwd: context.cwd, signal, notice, log });
  const fleet = await startEmbeddedFleet({
    location: root,
    markers: markersIn(root),
    pictures: inbox,
    serving,
    config,
    log,
    metrics,
    tracer,
    onLines: show,
  });
  let service: Service | undefined;
  try {
    // The usual port may be another one's; a port that was asked for may not.
    const anyPort = config.origins.get('api.port') === 'default';
    service = await startService({
      config,
      cwd: context.cwd,
      serving,
      jobs: fleet,
      auth,
      anyPort,
      metrics,
      tracer,
      log,
    });
    const bucket = bucketOf(inbox);
    await using pins = await EventPins.open({
      registry: serving.registry,
      reference: serving.defaultReference,
      pinOf: (reference) => fleet.pinOf(reference),
      pollMs: config.models.pollMs,
      log,
    });
    // Of a terminal that is closed, it ends this process as ever.
    using _ = context.stdin.isTTY
      ? undefined
      : context.onHangup(() => {
          pins.look();
          fleet.worker.look();
          void serving.models.follow();
        });
    const pinFor = (key: string): Pin => pins.pinFor(key);
    const source = await openFolderEvents({ folder: inbox, log });
    try {
      await using ingest = ingestOf(
        { fleet, source, pinFor, top: config.classify.top },
        { log, tracer, onRemoved: config.worker.onRemoved },
      );
      ingest.start();
      await goOn(
        { fleet, bucket, pinFor, top: config.classify.top },
        { log, removeOrphans: config.worker.onRemoved === 'delete', signal },
      );
      const labels = join(relative(context.cwd, root) || '.', labelsOf(bucket));
      await context.stderr.write(
        `Drop pictures into ${relative(context.cwd, inbox) || inbox}/; labels appear in ${labels}\n` +
          `Rookery answers at ${service.address}${service.authentication ? '; it asks for keys' : ''}\n`,
      );
      await untilAborted(signal, fleet.worker.done);
    } finally {
      await source[Symbol.asyncDispose]();
    }
  } catch (thrown) {
    // To be stopped is how this command ends.
    if (!signal.aborted) throw thrown;
  } finally {
    await service?.stop(config.worker.graceMs);
    await fleet.stop(config.worker.graceMs);
  }
}

type Parts = Pick<ConstructorParameters<typeof Ingest>[0], 'log' | 'tracer' | 'onRemoved'>;

interface Watched {
  readonly fleet: EmbeddedFleet;
  readonly pinFor: (key: string) => Pin;
  readonly top: number;
}

const ingestOf = (
  { fleet, source, pinFor, top }: Watched & { readonly source: Awaited<ReturnType<typeof openFolderEvents>> },
  parts: Parts,
): Ingest =>
  new Ingest({
    source,
    store: fleet.store,
    open: (bucket) => fleet.buckets.open(bucket),
    queue: fleet.queues.events,
    pinFor,
    top,
    ...parts,
  });

/** Takes up what an earlier process left: its queue is gone, but the folder shows what is missing. The service resumes jobs. */
async function goOn(
  { fleet, bucket, pinFor, top }: Watched & { readonly bucket: string },
  options: { log: Logger; removeOrphans: boolean; signal: AbortSignal },
): Promise<void> {
  const { store, buckets, queues } = fleet;
  const { log, removeOrphans, signal } = options;
  const pictures = buckets.open(bucket);
  const labels = await reconcileLabels({
    store,
    pictures,
    bucket,
    prefix: '',
    queue: queues.events,
    pinFor,
    top,
    removeOrphans,
    signal,
  });
  log.info({ ...labels }, 'looked which pictures have no label');
}

const shown = ({ key, predictions: [first], error }: ResultLine): string =>
  first
    ? `${first.score.toFixed(3)}  ${printable(first.label)}  ${printable(key)}\n`
    : `${error?.code}  ${printable(key)}\n`;
