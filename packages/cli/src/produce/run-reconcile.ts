import { reconcileLabels } from '@rookery/producer';
import type { CommandContext } from '../context.ts';
import { openQueuesOf } from '../queues.ts';
import { openRegistryOf } from '../registry.ts';
import { inSpan } from '../traces/in-span.ts';
import { tracerOf } from '../traces/tracer-of.ts';
import { parsePlace } from './parse-place.ts';
import { openEventPins, openPlaces, type ProducerOptions, producerFlags } from './producer-parts.ts';

export interface ReconcileCommandOptions extends ProducerOptions {
  readonly verify?: boolean;
  readonly removeOrphans?: boolean;
  readonly json?: boolean;
}

/** `rookery reconcile`. */
export async function runReconcile(
  sourceText: string,
  options: ReconcileCommandOptions,
  context: CommandContext,
): Promise<void> {
  const config = await context.config(producerFlags(options));
  const { bucket, prefix } = await parsePlace(sourceText, context.cwd);
  await using places = await openPlaces(config, context, [bucket.startsWith('file:') ? bucket : `s3://${bucket}`]);
  const log = await context.logger({ service: 'reconcile', stderr: context.verbose });
  await using tracer = await tracerOf(config, { service: 'reconcile', log });
  await using registry = await openRegistryOf(config, context.cwd);
  await using pins = await openEventPins(registry, config, log);
  await using queues = await openQueuesOf(config, { log });
  const { suffixes } = config.producer;
  const counts = await inSpan(tracer, 'reconcile', async (span) => {
    const found = await reconcileLabels({
      store: places.store,
      pictures: places.buckets.open(bucket),
      bucket,
      prefix,
      queue: queues.events,
      pinFor: (key) => pins.pinFor(key),
      top: config.classify.top,
      filter: suffixes && { suffixes: suffixes.map((suffix) => (suffix === '*' ? '' : suffix)) },
      verify: options.verify,
      removeOrphans: options.removeOrphans,
      tracer,
      traceparent: span.traceparent,
      signal: context.signal,
    });
    span.set({ 'rookery.pictures': found.pictures, 'rookery.enqueued': found.enqueued });
    return found;
  });
  const { pictures, enqueued, orphans } = counts;
  const removed = options.removeOrphans ? 'removed' : 'without a picture (--remove-orphans removes them)';
  await context.stdout.write(
    options.json
      ? `${JSON.stringify(counts)}\n`
      : `${pictures} pictures, ${enqueued} enqueued${orphans > 0 ? `, ${orphans} labels ${removed}` : ''}\n`,
  );
}
