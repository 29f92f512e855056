import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { makeFolders } from '@rookery/contracts';
import type { Logger, Metrics, Tracer } from '@rookery/telemetry';
import { InFlightMarkers, subjectIsOver, type Worker, type WorkerOptions } from '@rookery/worker';
import type { Config } from '../config.ts';
import { type JobParts, openJobParts } from './job-parts.ts';
import type { Serving } from './serving.ts';
import { startWorkerOf } from './worker-of.ts';

export interface EmbeddedFleetOptions {
  /** Rookery's own: jobs and labels lie there. Made if it is missing. */
  readonly location: string;
  /** Holds the markers of tasks in flight, for the next process. It is made if it is missing. */
  readonly markers: string;
  /** A folder of pictures that jobs may read. Made if it is missing. */
  readonly pictures?: string;
  readonly serving: Serving;
  readonly config: Config;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly tracer: Tracer;
  readonly onLines?: WorkerOptions['onLines'];
}

/** A whole fleet in this process: its queue is volatile, since the store says what is left to do. */
export interface EmbeddedFleet extends JobParts {
  readonly worker: Worker;
  stop(graceMs: number): Promise<void>;
}

/** The same code, contracts and layout as with a queue and a bucket. Nothing is resumed here: the service resumes jobs. */
export async function startEmbeddedFleet(options: EmbeddedFleetOptions): Promise<EmbeddedFleet> {
  const { location, markers, pictures, serving, config, log, metrics, tracer, onLines } = options;
  if (pictures !== undefined) await makeFolders(pictures);
  const suspects = await InFlightMarkers.open(markers);
  const { modelsOfJobs: models, registry, defaultReference, engine } = serving;
  const parts = await openJobParts({
    config,
    location,
    sources: pictures === undefined ? [] : [pictures],
    queue: 'memory',
    models,
    registry,
    defaultReference,
    tracer,
    log,
  });
  const { queues, store, buckets, feeder } = parts;
  await suspects.forget(subjectIsOver({ store, buckets }));
  const worker = await startWorkerOf(config, {
    queues,
    store,
    buckets,
    registry: models,
    rollout: { registry, reference: defaultReference },
    engine,
    warm: [defaultReference],
    log,
    suspects,
    metrics,
    tracer,
    onLines,
  }).catch(async (thrown: unknown) => {
    await parts[Symbol.asyncDispose]();
    throw thrown;
  });
  feeder.start();
  return {
    ...parts,
    workers: () => [worker.sign()],
    worker,
    async stop(graceMs) {
      await feeder[Symbol.asyncDispose]();
      await worker.stop({ graceMs });
      await parts[Symbol.asyncDispose]();
    },
  };
}

/** A folder as tasks name it. */
export const bucketOf = (folder: string): string => pathToFileURL(folder).href;

/** Where a folder's fleet keeps its markers. */
export const markersIn = (folder: string): string => join(folder, '.rookery', 'in-flight');
