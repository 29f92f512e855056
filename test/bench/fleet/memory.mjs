import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pinOf } from '../../../packages/inference/dist/index.js';
import { JobLedger, taskOf } from '../../../packages/jobs/dist/index.js';
import { openRegistry } from '../../../packages/models/dist/index.js';
import { openQueue } from '../../../packages/queue/dist/index.js';
import { createBuckets, openStore } from '../../../packages/storage/dist/index.js';
import { startWorker } from '../../../packages/worker/dist/index.js';
import { nobody } from './bookkeeping.mjs';
import { round } from './figures.mjs';
import { smallPictures } from './pictures.mjs';

const total = 100_000;
const taskSize = 256;
const distinct = 1_000;

/** A worker over 100,000 pictures: real files, real results, nobody classifies. Memory after each tenth. */
export async function measureMemory(say) {
  const folder = await mkdtemp(join(os.tmpdir(), 'rookery-bench-'));
  const pictures = join(folder, 'pictures');
  const bucket = await openStore(pictures);
  const kinds = await smallPictures();
  for (let index = 0; index < distinct; index++) await bucket.put(`${index}.jpg`, kinds[index % kinds.length]);
  const store = await openStore(join(folder, 'store'));
  const registry = openRegistry({ folder: join(folder, 'models') });
  const pin = pinOf(await registry.load('content'));
  const events = await openQueue({ kind: 'memory', name: 'e', leaseMs: 60_000 });
  const jobs = await openQueue({ kind: 'memory', name: 'j', leaseMs: 60_000 });
  let done = 0;
  let changed = () => {};
  const worker = await startWorker({
    queues: { events, jobs },
    store,
    registry,
    buckets: createBuckets({ allow: [pictures] }),
    engine: {
      pinOf: async (model, wanted) => pinOf(model, { maxPixels: wanted?.maxPixels }),
      open: async () => nobody(pin),
    },
    onLines: (lines) => {
      done += lines.length;
      changed();
    },
  });
  const ledger = new JobLedger(store);
  const source = { kind: 'prefix', bucket: pathToFileURL(pictures).href, prefix: '', filter: {} };
  const job = { v: 1, id: 'bench', createdAt: new Date().toISOString(), source, pin, top: 3, taskSize };
  await ledger.create(job);
  const megabytes = [];
  const progress = () =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no picture for a minute, after ${done}`)), 60_000);
      changed = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  for (let seq = 0, sent = 0; sent < total; seq++) {
    const items = Array.from({ length: taskSize }, (_, at) => ({ key: `${(sent + at) % distinct}.jpg` }));
    const file = { v: 1, seq, items, resume: { taken: 0 } };
    await ledger.putTask(job.id, file);
    await jobs.send([taskOf(job, file)]);
    sent += taskSize;
    while (sent - done > 8 * taskSize) await progress();
    if (Math.floor(sent / (total / 10)) > megabytes.length) {
      globalThis.gc?.();
      const { rss, heapUsed } = process.memoryUsage();
      megabytes.push({ pictures: sent, rss: round(rss / 1e6), heap: round(heapUsed / 1e6) });
      say(JSON.stringify(megabytes.at(-1)));
    }
  }
  while (done < total) await progress();
  await worker.stop({ graceMs: 5_000 });
  await rm(folder, { recursive: true, force: true });
  return { megabytes };
}
