// A worker as `rookery worker` runs it, but its engine's thread gets into trouble in the middle of the work, and its patience is short:
// two minutes without a sign are more than a test can wait.
import process from 'node:process';
import { openClassifier, pinOf } from '@rookery/inference';
import { openRegistry } from '@rookery/models';
import { openQueue } from '@rookery/queue';
import { createBuckets, openStore } from '@rookery/storage';
import { createLogger } from '@rookery/telemetry';
import { startWorker } from '@rookery/worker';

const { env } = process;
const log = createLogger({ service: 'worker', level: 'info' });
const leaseMs = Number.parseInt(env.ROOKERY_LEASE, 10);
const open = (lane) =>
  openQueue({ kind: 'bullmq', url: env.ROOKERY_QUEUE, name: `${env.ROOKERY_QUEUE_NAME}-${lane}`, leaseMs, log });
const queues = { events: await open('events'), jobs: await open('jobs') };
const store = await openStore(env.ROOKERY_STORE, {});
const engineEntry = new URL('faulty-engine-thread.mjs', import.meta.url);
const options = { threads: 1, batch: 8, hangMs: 1_000, engineEntry, log };
const worker = await startWorker({
  queues,
  store,
  buckets: createBuckets({ allow: [env.ROOKERY_SOURCES] }),
  registry: openRegistry({ folder: env.ROOKERY_MODELS }),
  engine: {
    pinOf: async (model, wanted) => pinOf(model, { maxPixels: wanted?.maxPixels }),
    open: (model, { maxPixels }) => openClassifier(model, { ...options, maxPixels }),
  },
  warm: ['content'],
  limits: { leaseAhead: Number(env.ROOKERY_LEASE_AHEAD) },
  log,
});
process.once('SIGTERM', async () => {
  await worker.stop({ graceMs: 25_000 });
  await Promise.all([queues.events[Symbol.asyncDispose](), queues.jobs[Symbol.asyncDispose]()]);
  await log.close();
  process.exit(0);
});
