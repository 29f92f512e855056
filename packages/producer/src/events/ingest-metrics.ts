import type { Metrics } from '@rookery/telemetry';
import type { IngestStats } from './ingest.ts';

/** What came of bucket events. */
export function ingestMetrics(metrics: Metrics, stats: () => IngestStats): void {
  const counter = (name: string, help: string, collect: () => number) => metrics.counter({ name, help, collect });
  counter('rookery_ingest_messages_total', 'Messages with events that were received.', () => stats().messages);
  counter('rookery_ingest_pictures_total', 'Pictures that were enqueued to be labelled.', () => stats().pictures);
  counter('rookery_ingest_tasks_total', 'Tasks that were enqueued.', () => stats().tasks);
  counter('rookery_ingest_removed_total', 'Labels that went with their pictures.', () => stats().removed);
  counter(
    'rookery_ingest_ignored_total',
    "Events of keys that are no pictures or Rookery's own.",
    () => stats().ignored,
  );
  counter('rookery_ingest_refused_total', 'Messages or records that are no events, set aside.', () => stats().refused);
}
