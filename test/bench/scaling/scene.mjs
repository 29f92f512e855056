import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { pinOf } from '../../../packages/inference/dist/index.js';
import { openRegistry } from '../../../packages/models/dist/index.js';
import { openQueue } from '../../../packages/queue/dist/index.js';
import { openStore } from '../../../packages/storage/dist/index.js';
import { startRedis } from '../../services/for-node.mjs';
import { smallPictures } from '../fleet/pictures.mjs';
import { prepareJob } from '../fleet/prepare-job.mjs';
import { startLocalFleet } from './local-fleet.mjs';

/** Redis, a folder of pictures and one of results: what fleets are started upon, one after another. */
export async function openScene(taskSize) {
  const folder = await mkdtemp(join(os.tmpdir(), 'rookery-scaling-'));
  const photos = join(folder, 'photos');
  await mkdir(photos);
  const kinds = await smallPictures();
  const most = 4_096;
  const keys = Array.from({ length: most }, (_, at) => `${String(at).padStart(5, '0')}.jpg`);
  for (const [at, key] of keys.entries()) await writeFile(join(photos, key), kinds[at % kinds.length]);
  const redis = await startRedis();
  const queue = await openQueue({ kind: 'bullmq', url: redis.url, name: 'rookery-jobs', leaseMs: 60_000 });
  const place = join(folder, 'store');
  const store = await openStore(place);
  const pin = pinOf(await openRegistry({ folder: join(folder, 'models') }).load('content'));
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    ROOKERY_MODELS: join(folder, 'models'),
    ROOKERY_QUEUE: redis.url,
    ROOKERY_STORE: place,
    ROOKERY_SOURCES: photos,
    ROOKERY_THREADS: '1',
    ROOKERY_BATCH: '8',
    ROOKERY_LOG_FORMAT: 'json',
  };
  let jobs = 0;
  const prepare = (pictures) =>
    prepareJob(
      { store, queue },
      { id: `wave-${jobs++}`, bucket: pathToFileURL(photos).href, keys: keys.slice(0, pictures), pin, taskSize },
    );

  return {
    /** From the first wave to the last result, and the workers' lives. `warm`: the waves wait for the workers. */
    async run(scaling, waves, { warm = false } = {}) {
      const first = jobs;
      const prepared = [];
      for (const { pictures } of waves) prepared.push(await prepare(pictures));
      const fleet = startLocalFleet({ scaling, env, cwd: folder });
      const count = (msg) => fleet.times(msg).length;
      await until(() => (warm ? count('model is warm') === scaling.minWorkers : count('scaling workers') === 1));
      const startedMs = Date.now();
      for (const [at, { send }] of prepared.entries()) {
        await sleep(Math.max(0, startedMs + waves[at].atMs - Date.now()));
        await send();
      }
      const results = prepared.map((_, at) => join(place, 'jobs', `wave-${first + at}`, 'results'));
      const tasks = prepared.reduce((sum, job) => sum + job.tasks, 0);
      await until(async () => (await namesIn(results)).length === tasks);
      const written = await Promise.all((await namesIn(results)).map(async (file) => (await stat(file)).mtimeMs));
      if (scaling.minWorkers === 0) await until(() => count('worker stopped') === count('worker started'));
      await fleet.stop();
      const started = fleet.times('worker started');
      written.sort((a, b) => a - b);
      // The middle of it all: everyone is warm, nobody runs out of work.
      const [from, to] = [0.3, 0.8].map((share) => Math.floor(written.length * share));
      const middleMs = written[to] - written[from];
      return {
        completionMs: written.at(-1) - startedMs,
        picturesPerSecond: ((to - from) * taskSize) / (middleMs / 1_000) / scaling.maxWorkers,
        startupMs: mean(fleet.times('model is warm')) - mean(started),
        workerMs: (mean(fleet.times('worker stopped')) - mean(started)) * started.length,
        starts: started.length,
      };
    },
    async close() {
      await queue[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      await redis[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Of what takes seconds: throws after two minutes. */
async function until(holds) {
  const lateMs = Date.now() + 120_000;
  while (!(await holds())) {
    if (Date.now() > lateMs) throw new Error(`not so within two minutes: ${holds}`);
    await sleep(50);
  }
}

async function namesIn(folders) {
  const names = await Promise.all(
    folders.map(async (folder) => (await readdir(folder).catch(() => [])).map((name) => join(folder, name))),
  );
  return names.flat().filter((name) => name.endsWith('.jsonl'));
}
