import type { ErrorCode } from '@rookery/contracts';
import type { PictureTimings } from '@rookery/inference';
import type { Metrics } from '@rookery/telemetry';
import type { LoadedModel } from '../model/model-pool.ts';

/** What became of a task. */
export type TaskOutcome = 'done' | 'skipped' | 'given-back' | 'buried';

/** What happens inside a worker, told to whoever counts it. */
export interface WorkerEvents {
  picture(error: ErrorCode | undefined): void;
  task(outcome: TaskOutcome, seconds: number, waitedSeconds: number | undefined): void;
  /** `skippedBytes`: of the object, not read since the model could not see them. */
  fetched(sizeBytes: number, seconds: number, skippedBytes: number): void;
  classified(timings: PictureTimings): void;
  written(seconds: number): void;
  leaseLost(): void;
  failed(code: ErrorCode): void;
  isolationDeath(): void;
  storeDown(): void;
  unknownVersion(): void;
  /** Rows of the tracked run that did not arrive. */
  trackingLost(rows: number): void;
}

/** What is asked for when the metrics are read. */
export interface WorkerGauges {
  readonly leases: () => number;
  readonly pictures: () => number;
  readonly heldBytes: () => number;
  readonly models: () => readonly LoadedModel[];
}

/** The worker's metrics: `rookery_pictures_total`, `rookery_stage_seconds` and so on. */
export function workerMetrics(metrics: Metrics, gauges: WorkerGauges): WorkerEvents {
  const pictures = metrics.counters({
    name: 'rookery_pictures_total',
    help: 'Pictures that have their line.',
    labels: ['outcome'],
  });
  const labelled = pictures.with({ outcome: 'labelled' });
  const failedPictures = pictures.with({ outcome: 'failed' });
  const pictureErrors = metrics.counters({
    name: 'rookery_picture_errors_total',
    help: 'Pictures whose line has an error, by its code.',
    labels: ['code'],
  });
  const tasks = metrics.counters({ name: 'rookery_tasks_total', help: 'Tasks settled.', labels: ['outcome'] });
  const taskErrors = metrics.counters({
    name: 'rookery_task_errors_total',
    help: 'Tasks that were given back or buried, by the code of the reason.',
    labels: ['code'],
  });
  const stages = metrics.histograms({
    name: 'rookery_stage_seconds',
    help: 'Where the time of a picture (fetch, wait, decode, batch, infer) and of a task (write, task) went.',
    labels: ['stage'],
  });
  const stage = {
    fetch: stages.with({ stage: 'fetch' }),
    wait: stages.with({ stage: 'wait' }),
    decode: stages.with({ stage: 'decode' }),
    batch: stages.with({ stage: 'batch' }),
    infer: stages.with({ stage: 'infer' }),
    write: stages.with({ stage: 'write' }),
    task: stages.with({ stage: 'task' }),
  };
  const batchPictures = metrics.histogram({
    name: 'rookery_batch_pictures',
    help: 'Pictures in the batch that a picture was part of.',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128],
  });
  const queueWait = metrics.histogram({
    name: 'rookery_queue_wait_seconds',
    help: 'From the sending of a task to the end of its work, first deliveries only.',
    // A backlog may be a day long.
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 900, 1_800, 3_600, 14_400, 43_200, 86_400],
  });
  const fetchedBytes = metrics.counter({
    name: 'rookery_fetched_bytes_total',
    help: 'Encoded bytes read from buckets.',
  });
  const skippedBytes = metrics.counter({
    name: 'rookery_skipped_bytes_total',
    help: 'Encoded bytes in buckets that were not read, since fast decoding does not need them.',
  });
  const leasesLost = metrics.counter({
    name: 'rookery_leases_lost_total',
    help: 'Leases that ran out while a task was in progress.',
  });
  const deaths = metrics.counter({
    name: 'rookery_isolation_deaths_total',
    help: 'Child processes that a picture ended.',
  });
  const outages = metrics.counter({ name: 'rookery_store_outages_total', help: 'Times that a store was found down.' });
  const unknownVersions = metrics.counter({
    name: 'rookery_unknown_task_versions_total',
    help: 'Tasks given back since this worker is too old for them: deploy workers before producers.',
  });
  const gauge = (name: string, help: string, collect: () => number) => metrics.gauge({ name, help, collect });
  gauge('rookery_leases', 'Tasks leased and not settled.', gauges.leases);
  gauge('rookery_leased_pictures', 'Pictures leased and not answered.', gauges.pictures);
  gauge('rookery_held_bytes', 'Encoded bytes held.', gauges.heldBytes);
  gauge('rookery_models_loaded', 'Warm models.', () => gauges.models().length);
  metrics.samples({
    name: 'rookery_model_info',
    help: '1 for each warm model.',
    labels: ['model', 'variant'],
    collect: () => gauges.models().map(({ name, variant }) => [{ model: name, variant }, 1]),
  });
  const engineSeconds = metrics.counter({
    name: 'rookery_engine_seconds_total',
    help: 'Time that the engine was computing; its rate is the share of the time that it is busy.',
  });
  const trackerRows = metrics.counter({
    name: 'rookery_tracker_dropped_rows_total',
    help: 'Rows of the tracked run that were dropped, since its server or its spool did not take them.',
  });
  return {
    picture(error) {
      (error ? failedPictures : labelled).inc();
      if (error) pictureErrors.with({ code: error }).inc();
    },
    task(outcome, seconds, waitedSeconds) {
      tasks.with({ outcome }).inc();
      stage.task.observe(seconds);
      if (waitedSeconds !== undefined) queueWait.observe(waitedSeconds);
    },
    fetched(sizeBytes, seconds, skipped) {
      fetchedBytes.inc(sizeBytes);
      skippedBytes.inc(skipped);
      stage.fetch.observe(seconds);
    },
    classified({ queueMs, decodeMs, batchMs, inferMs, batchSize }) {
      stage.wait.observe(queueMs / 1000);
      stage.decode.observe(decodeMs / 1000);
      stage.batch.observe(batchMs / 1000);
      stage.infer.observe(inferMs / 1000);
      batchPictures.observe(batchSize);
      // Each of a batch's pictures tells of it: together they are the time of the batch.
      engineSeconds.inc(inferMs / 1000 / batchSize);
    },
    written: (seconds) => stage.write.observe(seconds),
    leaseLost: () => leasesLost.inc(),
    failed: (code) => taskErrors.with({ code }).inc(),
    isolationDeath: () => deaths.inc(),
    storeDown: () => outages.inc(),
    unknownVersion: () => unknownVersions.inc(),
    trackingLost: (rows) => trackerRows.inc(rows),
  };
}
