import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openClassifier, pinOf } from '../../../packages/inference/dist/index.js';
import { openRegistry } from '../../../packages/models/dist/index.js';
import { createBuckets, openStore } from '../../../packages/storage/dist/index.js';
import { startWorker } from '../../../packages/worker/dist/index.js';
import { openBackend } from './backend.mjs';
import { measure } from './figures.mjs';
import { prepareJob } from './prepare-job.mjs';

const taskSize = 64;

/** A fleet on real servers, its pictures in place, its worker warm. `more`: what its worker does besides; `tuning`: measured where not given. */
export async function openFleet(kind, sizes, more = {}, { threads, batch } = {}) {
  const folder = await mkdtemp(join(os.tmpdir(), 'rookery-bench-'));
  const backend = await openBackend(kind, folder);
  const registry = openRegistry({ folder: join(folder, 'models') });
  const model = await registry.load('content');
  const classifier = await openClassifier(model, { tuning: 'measure', threads, batch });
  const store = await openStore(backend.storeLocation, { s3: backend.s3 });
  const buckets = createBuckets({ allow: [backend.bucket], s3: backend.s3 });
  const pictures = buckets.open(backend.bucket);
  const keys = await Promise.all(
    sizes.map(async ({ pictures: kinds, count }, size) => {
      const names = Array.from({ length: count }, (_, index) => `size-${size}/${String(index).padStart(6, '0')}.jpg`);
      for (let from = 0; from < count; from += 32) {
        await Promise.all(
          names.slice(from, from + 32).map((name, at) => pictures.put(name, kinds[(from + at) % kinds.length])),
        );
      }
      return names;
    }),
  );
  let left = 0;
  let finished = () => {};
  // The classifier that is measured alone, too: the worker does not own it.
  const lent = new Proxy(classifier, {
    get(target, name) {
      if (name === Symbol.asyncDispose) return async () => {};
      const value = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const worker = await startWorker({
    queues: backend.queues,
    store,
    buckets,
    registry,
    engine: {
      pinOf: async (served, wanted) => pinOf(served, { maxPixels: wanted?.maxPixels }),
      open: async () => lent,
    },
    ...more,
    onLines: (lines) => {
      left -= lines.length;
      if (left <= 0) finished();
    },
  });
  let runs = 0;
  return {
    classifier,
    servers: backend.servers,
    /** One job of all pictures of a size, from the sending of its tasks to its last result. */
    async run(size) {
      const { send } = await prepareJob(
        { store, queue: backend.queues.jobs },
        { id: `bench-${runs++}`, bucket: backend.bucket, keys: keys[size], pin: pinOf(model), taskSize },
      );
      left = keys[size].length;
      const all = new Promise((resolve) => {
        finished = resolve;
      });
      return measure(left, async () => {
        await send();
        await all;
      });
    },
    async close() {
      await worker.stop({ graceMs: 5_000 });
      await worker.done;
      await classifier[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      await buckets[Symbol.asyncDispose]();
      await backend.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const bucketOf = (folder) => pathToFileURL(folder).href;
