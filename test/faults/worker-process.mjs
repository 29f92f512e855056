// A worker as a process of its own, on Redis and a folder, with faults of our making where the test asks for them:
// `killAt: { stage, times }` ends it by SIGKILL when it reaches a stage for so many times, `crashOver` over certain pictures.
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { openClassifier, pinOf } from '@rookery/inference';
import { openRegistry } from '@rookery/models';
import { openQueue } from '@rookery/queue';
import { createBuckets, openStore } from '@rookery/storage';
import { startWorker } from '@rookery/worker';
import { dyingOver } from './dying-over.mjs';

const { folder, redisUrl, name, leaseMs, killAt, crashOver = '', graceMs = 20_000 } = JSON.parse(process.argv[2]);
process.env.CRASH_OVER = crashOver;

let left = killAt?.times ?? 0;
const reach = (stage) => {
  if (killAt?.stage === stage && --left <= 0) process.kill(process.pid, 'SIGKILL');
};

/** The same object, telling before and after each call of these methods. */
const told = (object, stages) =>
  new Proxy(object, {
    get(target, method) {
      const value = Reflect.get(target, method, target);
      if (typeof value !== 'function') return value;
      return async (...args) => {
        const { before, after } = stages[method] ?? {};
        if (before) reach(before);
        const answer = await value.apply(target, args);
        if (after) reach(after);
        return answer;
      };
    },
  });

const open = async (lane) => {
  const queue = await openQueue({ kind: 'bullmq', url: redisUrl, name: `${name}-${lane}`, leaseMs });
  return new Proxy(queue, {
    get(target, method) {
      const value = Reflect.get(target, method, target);
      if (method === 'receive') {
        return async (...args) => {
          const deliveries = await target.receive(...args);
          if (deliveries.length > 0) reach('leased');
          return deliveries.map((delivery) => told(delivery, { ack: { before: 'before-ack', after: 'acked' } }));
        };
      }
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
};

const pictures = `${folder}/pictures`;
const buckets = createBuckets({ allow: [pathToFileURL(pictures).href] });
const worker = await startWorker({
  queues: { events: await open('events'), jobs: await open('jobs') },
  store: told(await openStore(`${folder}/store`), { put: { before: 'before-write', after: 'written' } }),
  buckets: { open: (bucket) => told(buckets.open(bucket), { get: { before: 'before-fetch', after: 'fetched' } }) },
  registry: openRegistry({ folder: `${folder}/models` }),
  engine: {
    pinOf: (model, maxPixels) => pinOf(model, { maxPixels }),
    open: async (model, maxPixels) =>
      told(dyingOver(crashOver, await openClassifier(model, { maxPixels, tuning: 'never' })), {
        classify: { after: 'classified' },
      }),
  },
  warm: ['content'],
  isolation: { childEntry: new URL('./crashing-child.mjs', import.meta.url) },
});
await worker.whenReady;
process.send?.('ready');
process.once('SIGTERM', async () => {
  await worker.stop({ graceMs });
  process.exit(0);
});
