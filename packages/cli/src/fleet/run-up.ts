import { join, relative, resolve } from 'node:path';
import { labelsOf, type ResultLine } from '@rookery/contracts';
import { Ingest, openFolderEvents, reconcileLabels, resumeJobs } from '@rookery/producer';
import type { CommandContext } from '../context.ts';
import { printable } from '../ui/printable.ts';
import { type EmbeddedFleet, startEmbeddedFleet } from './embedded-fleet.ts';
import { untilAborted } from './until-stopped.ts';

export interface UpCommandOptions {
  readonly model?: string;
  readonly models?: string;
  readonly top?: string;
  readonly threads?: string;
  readonly batch?: string;
  readonly healthPort?: string;
  readonly onRemoved?: string;
}

/** `rookery up DIR`. */
export async function runUp(folder: string, options: UpCommandOptions, context: CommandContext): Promise<void> {
  const config = await context.config({
    models: { folder: options.models, model: options.model },
    classify: { top: options.top, threads: options.threads, batch: options.batch },
    worker: { healthPort: options.healthPort, onRemoved: options.onRemoved },
  });
  const log = await context.logger({ service: 'up', stderr: !context.stderr.isTTY || context.verbose });
  const { signal } = context;
  const root = resolve(context.cwd, folder);
  const inbox = join(root, 'inbox');
  const show = (lines: readonly ResultLine[]): void => {
    if (!context.quiet) void context.stdout.write(lines.map(shown).join(''));
  };
  const fleet = await startEmbeddedFleet({ folder: root, pictures: inbox, config, log, onLines: show });
  try {
    const source = await openFolderEvents({ folder: inbox, log });
    try {
      await using ingest = ingestOf(fleet, source, config.classify.top, { log, onRemoved: config.worker.onRemoved });
      ingest.start();
      await goOn(fleet, config.classify.top, { log, removeOrphans: config.worker.onRemoved === 'delete', signal });
      const labels = join(relative(context.cwd, root) || '.', labelsOf(fleet.bucket));
      await context.stderr.write(
        `Drop pictures into ${relative(context.cwd, inbox) || inbox}/; labels appear in ${labels}\n`,
      );
      await untilAborted(signal, fleet.worker.done);
    } finally {
      await source[Symbol.asyncDispose]();
    }
  } catch (thrown) {
    // To be stopped is how this command ends.
    if (!signal.aborted) throw thrown;
  } finally {
    await fleet.stop(config.worker.graceMs);
  }
}

type Parts = Pick<ConstructorParameters<typeof Ingest>[0], 'log' | 'onRemoved'>;

const ingestOf = (
  fleet: EmbeddedFleet,
  source: Awaited<ReturnType<typeof openFolderEvents>>,
  top: number,
  parts: Parts,
): Ingest =>
  new Ingest({
    source,
    store: fleet.store,
    open: (bucket) => fleet.buckets.open(bucket),
    queue: fleet.queues.events,
    pin: fleet.pin,
    top,
    ...parts,
  });

/** What an earlier process left: the queue went with it, the folder says what is missing. */
async function goOn(
  fleet: EmbeddedFleet,
  top: number,
  options: { log: EmbeddedFleetLog; removeOrphans: boolean; signal: AbortSignal },
): Promise<void> {
  const { store, buckets, bucket, pin, queues, ledger, feeder } = fleet;
  const { log, removeOrphans, signal } = options;
  const open = (name: string) => buckets.open(name);
  const pictures = open(bucket);
  const labels = await reconcileLabels({
    store,
    pictures,
    bucket,
    prefix: '',
    queue: queues.events,
    pin,
    top,
    removeOrphans,
    signal,
  });
  const jobs = await resumeJobs({ ledger, open, queue: queues.jobs, feeder, log, signal });
  log.info({ ...labels, jobs }, 'looked what is left to do');
}

type EmbeddedFleetLog = Parameters<typeof startEmbeddedFleet>[0]['log'];

const shown = ({ key, predictions: [first], error }: ResultLine): string =>
  first
    ? `${first.score.toFixed(3)}  ${printable(first.label)}  ${printable(key)}\n`
    : `${error?.code}  ${printable(key)}\n`;
