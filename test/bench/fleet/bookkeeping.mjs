import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { pinDigest } from '../../../packages/contracts/dist/index.js';
import { pinOf } from '../../../packages/inference/dist/index.js';
import { JobLedger, taskOf } from '../../../packages/jobs/dist/index.js';
import { openRegistry } from '../../../packages/models/dist/index.js';
import { openStore } from '../../../packages/storage/dist/index.js';
import { startWorker } from '../../../packages/worker/dist/index.js';
import { openBackend } from './backend.mjs';
import { measure, round } from './figures.mjs';

const tasks = 80;
const taskSize = 256;

/** What the worker itself costs: tasks are leased, results are real, but pictures are read from nowhere and classified by nobody. */
export async function measureBookkeeping(say) {
  const figures = [];
  for (const queue of ['memory', 'redis']) {
    try {
      figures.push({ queue, cpuMsPerPicture: round((await measureWith(queue)).cpuMs, 4) });
    } catch (error) {
      say(`bookkeeping with ${queue}: not measured: ${error.message}`);
    }
  }
  return figures;
}

async function measureWith(queue) {
  const folder = await mkdtemp(join(os.tmpdir(), 'rookery-bench-'));
  const backend = await openBackend(queue, folder);
  const registry = openRegistry({ folder: join(folder, 'models') });
  const pin = pinOf(await registry.load('content'));
  const store = await openStore(join(folder, 'store'));
  let left = tasks * taskSize;
  let finished = () => {};
  const worker = await startWorker({
    queues: backend.queues,
    store,
    registry,
    buckets: { open: () => noBucket },
    engine: {
      pinOf: async (model, wanted) => pinOf(model, { maxPixels: wanted?.maxPixels }),
      open: async () => nobody(pin),
    },
    onLines: (lines) => {
      left -= lines.length;
      if (left <= 0) finished();
    },
  });
  const ledger = new JobLedger(store);
  const source = { kind: 'prefix', bucket: backend.bucket, prefix: '', filter: {} };
  const job = { v: 1, id: 'bench', createdAt: new Date().toISOString(), source, pin, top: 3, taskSize };
  await ledger.create(job);
  const files = Array.from({ length: tasks }, (_, seq) => ({
    v: 1,
    seq,
    items: Array.from({ length: taskSize }, (_, index) => ({
      key: `2026/11/24/camera-07/${seq}-${index}.jpg`,
      etag: 'x',
    })),
    resume: { taken: 0 },
  }));
  await Promise.all(files.map((file) => ledger.putTask('bench', file)));
  const all = new Promise((resolve) => {
    finished = resolve;
  });
  const figures = await measure(left, async () => {
    await backend.queues.jobs.send(files.map((file) => taskOf(job, file)));
    await all;
  });
  await worker.stop({ graceMs: 5_000 });
  await store[Symbol.asyncDispose]();
  await backend.close();
  await rm(folder, { recursive: true, force: true });
  return figures;
}

const bytes = 16_000;
const noBucket = {
  location: 'nowhere',
  get: async (key) => ({ key, etag: 'x', sizeBytes: bytes, lastModified: new Date(0), body: new Uint8Array(bytes) }),
  [Symbol.asyncDispose]: async () => {},
};

const timings = { queueMs: 0, decodeMs: 0, batchMs: 0, inferMs: 0, batchSize: 8 };
const predictions = ['safe', 'drawing', 'explicit'].map((label, index) => ({ label, index, score: 0.5 }));
const nobody = (pin) => ({
  pin,
  model: pinDigest(pin),
  labels: [],
  tuning: { threads: 1, batch: 8, source: 'explicit' },
  // In a later turn of the event loop, as an answer from a thread.
  classify: () =>
    new Promise((resolve) => setImmediate(() => resolve({ width: 320, height: 240, predictions, timings }))),
  load: () => ({ pending: 0, pendingBytes: 0 }),
  [Symbol.asyncDispose]: async () => {},
});

export { nobody };
