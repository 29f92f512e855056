import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Pin } from '@rookery/contracts';
import { pinOf } from '@rookery/inference';
import { JobLedger } from '@rookery/jobs';
import { openRegistry } from '@rookery/models';
import { Feeder } from '@rookery/producer';
import { MemoryBroker } from '@rookery/queue';
import { type Buckets, createBuckets, type ObjectStore } from '@rookery/storage';
import type { Logger } from '@rookery/telemetry';
import { InFlightMarkers, type Worker, type WorkerOptions } from '@rookery/worker';
import type { Config } from '../config.ts';
import { openQueuesOf, type Queues } from '../queues.ts';
import { openStoreOf, s3OptionsOf } from '../store.ts';
import { startWorkerOf } from './worker-of.ts';

export interface EmbeddedFleetOptions {
  /** Rookery's own: jobs and labels lie there, and the markers of tasks in flight. Made if it is missing. */
  readonly folder: string;
  /** Folder of the pictures. Made if it is missing. */
  readonly pictures: string;
  readonly config: Config;
  readonly log: Logger;
  readonly onLines?: WorkerOptions['onLines'];
}

/** A whole fleet in this process, on a folder: its queue is volatile, since the folder says what is left to do. */
export interface EmbeddedFleet {
  readonly store: ObjectStore;
  readonly ledger: JobLedger;
  readonly buckets: Buckets;
  readonly queues: Queues;
  readonly feeder: Feeder;
  readonly worker: Worker;
  /** The bucket's name of the folder of pictures. */
  readonly bucket: string;
  /** Of the configured model. */
  readonly pin: Pin;
  stop(graceMs: number): Promise<void>;
}

/** The same code, contracts and layout as on a queue and a bucket. Nothing is resumed yet. */
export async function startEmbeddedFleet(options: EmbeddedFleetOptions): Promise<EmbeddedFleet> {
  const { folder, pictures, config, log, onLines } = options;
  await mkdir(pictures, { recursive: true });
  const suspects = await InFlightMarkers.open(join(folder, '.rookery', 'in-flight'));
  const { model, folder: models } = config.models;
  const { variant, device, maxPixels } = config.classify;
  const pin = pinOf(await openRegistry({ folder: models }).load(model, { variant }), { device, maxPixels });
  const store = await openStoreOf(folder, config);
  const buckets = createBuckets({ allow: [pictures, ...config.store.sources], s3: s3OptionsOf(config) });
  const memory = { ...config, queue: { ...config.queue, address: 'memory:' } };
  const queues = await openQueuesOf(memory, { log, broker: new MemoryBroker() });
  const ledger = new JobLedger(store);
  const feeder = new Feeder({ ledger, queue: queues.jobs, log });
  const worker = await startWorkerOf(config, { queues, store, buckets, warm: [model], log, suspects, onLines });
  feeder.start();
  return {
    store,
    ledger,
    buckets,
    queues,
    feeder,
    worker,
    bucket: pathToFileURL(pictures).href,
    pin,
    async stop(graceMs) {
      await feeder[Symbol.asyncDispose]();
      await worker.stop({ graceMs });
      await queues[Symbol.asyncDispose]();
      await buckets[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}
