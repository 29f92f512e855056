// The service in a process of its own, with the warm classifier that it answers with also to be driven from memory, beside it.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ModelHost, modelSource, startApi } from '@rookery/api';
import { pinOf as jobPin, openClassifier } from '@rookery/inference';
import { JobLedger } from '@rookery/jobs';
import { openRegistry } from '@rookery/models';
import { Feeder } from '@rookery/producer';
import { openQueue } from '@rookery/queue';
import { createBuckets, openStore } from '@rookery/storage';
import { silentLogger } from '@rookery/telemetry';
import { quantiles } from './quantiles.mjs';

const folder = await mkdtemp(join(tmpdir(), 'rookery-bench-api-'));
const photos = join(folder, 'photos');
const registry = openRegistry({ folder: join(folder, 'models') });
const constant = process.argv.includes('--constant');
const models = new ModelHost({
  source: modelSource({ registry }),
  open: async (model) => (constant ? constantEngine() : openClassifier(model, { tuning: 'measure' })),
  defaultReference: 'content',
  log: silentLogger,
});
await models.start();
const jobs = await openJobs();
const api = await startApi(
  { version: '0', models, registry, auth: { kind: 'off' }, limits: { requestsPerMinute: 1e9 }, jobs },
  { host: '127.0.0.1', port: 0 },
);
const { classifier } = await models.use();
process.on('message', async (message) => {
  if (message.type === 'bare') process.send(await bare(message));
  if (message.type === 'cpu') process.send({ ...process.cpuUsage(), rss: process.memoryUsage().rss });
  if (message.type === 'gc') {
    globalThis.gc?.();
    process.send(process.memoryUsage());
  }
  if (message.type === 'stop') {
    await api.stop({ graceMs: 1_000 });
    await models[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    process.disconnect();
  }
});
process.send({ address: api.address, tuning: classifier.tuning, bucket: pathToFileURL(photos).href });

/** A folder as the store, and nobody who does the work: making jobs is what is measured. */
async function openJobs() {
  await mkdir(photos);
  await Promise.all(Array.from({ length: 100 }, (_, at) => writeFile(join(photos, `${at}.jpg`), 'x')));
  const store = await openStore(join(folder, 'store'));
  const open = (name) => openQueue({ kind: 'memory', name, leaseMs: 60_000 });
  const queues = { events: await open('bench-events'), jobs: await open('bench-jobs') };
  const ledger = new JobLedger(store);
  const feeder = new Feeder({ ledger, queue: queues.jobs, log: silentLogger });
  const buckets = createBuckets({ allow: [photos] });
  const pinOf = async () => jobPin(await registry.load('content'));
  const pin = await pinOf();
  return { store, ledger, buckets, queues, feeder, pinOf: async () => pin };
}

/** So many callers, each with one picture at a time, straight from memory. */
async function bare({ callers, ms, pictures }) {
  const bytes = pictures.map((text) => Buffer.from(text, 'base64'));
  const times = [];
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const call = async (_, caller) => {
    for (let at = caller; performance.now() - startedAt < ms; at++) {
      const begun = performance.now();
      await classifier.classify(new Uint8Array(bytes[at % bytes.length]), { top: 3 });
      times.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    picturesPerSecond: times.length / seconds,
    cpuMs: (user + system) / 1000 / times.length,
    ...quantiles(times),
  };
}

/** Answers at once, always the same. */
function constantEngine() {
  const timings = { queueMs: 0, decodeMs: 0, batchMs: 0, inferMs: 0, batchSize: 1, topKMs: 0 };
  const answer = { width: 1, height: 1, predictions: [{ label: 'a', index: 0, score: 1 }], timings };
  return {
    pin: {},
    model: `sha256:${'0'.repeat(64)}`,
    labels: ['a'],
    tuning: { threads: 1, batch: 1, source: 'default' },
    classify: async () => answer,
    load: () => ({ pending: 0, pendingBytes: 0 }),
    async [Symbol.asyncDispose]() {},
  };
}
