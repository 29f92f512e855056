// A million keys enqueued, reconciled, followed and taken over: `node test/bench/producer.mjs [--json] [--keys 1000000] [--files]`.
//
// Each step is a process of its own, so that its peak memory is its own. The store is a folder, the queue is Redis, which keeps what is
// sent: one that empties while results are missing counts as lost. `--files` lists real files instead of a generated list of keys (making
// them takes longer than the measurement).
import { fork } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { startRedis } from '../services/for-node.mjs';

const options = {
  json: { type: 'boolean', default: false },
  keys: { type: 'string', default: '1000000' },
  files: { type: 'boolean', default: false },
  step: { type: 'string' },
  folder: { type: 'string' },
  redis: { type: 'string' },
};

export async function run(args) {
  const { values } = parseArgs({ args, options });
  const keys = Number(values.keys);
  const redis = await startRedis();
  const folder = await mkdtemp(join(os.tmpdir(), 'rookery-bench-'));
  try {
    await mkdir(join(folder, 'pictures'));
    if (values.files) await makeFiles(join(folder, 'pictures'), keys);
    const report = {
      machine: { cpu: os.cpus()[0]?.model, cores: os.availableParallelism(), node: process.version },
      keys,
    };
    for (const step of ['enqueue', 'reconcile', 'label', 'summarize', 'again']) {
      report[step] = await inChild([
        '--step',
        step,
        '--folder',
        folder,
        '--redis',
        redis.url,
        '--keys',
        String(keys),
        ...(values.files ? ['--files'] : []),
      ]);
      console.error(`${step}: ${JSON.stringify(report[step])}`);
    }
    if (values.json) console.log(JSON.stringify(report, null, 2));
  } finally {
    await redis[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }
}

function inChild(args) {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), args, { stdio: 'inherit' });
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`the step ended with ${code}`)));
  });
}

async function makeFiles(folder, count) {
  for (let from = 0; from < count; from += 1000) {
    const below = join(folder, String(from / 1000).padStart(5, '0'));
    await mkdir(below);
    await Promise.all(
      Array.from({ length: Math.min(1000, count - from) }, (_, at) => writeFile(join(below, `${at}.jpg`), '')),
    );
  }
}

async function* list(count) {
  for (let from = 0; from < count; from += 1000) {
    let text = from === 0 ? 'key,etag\n' : '';
    for (let at = from; at < Math.min(count, from + 1000); at++) text += `${keyOf(at)},${etagOf(at)}\n`;
    yield Buffer.from(text);
  }
}

const keyOf = (at) => `2026/11/24/camera-${at % 100}/${String(at).padStart(9, '0')}.jpg`;
const etagOf = (at) => at.toString(16).padStart(32, '0');

async function measureStep({ step, folder, redis, keys: keysText, files }) {
  const keys = Number(keysText);
  const [{ JobLedger, JobWatch, modelOf, summaryIfComplete }, producer, { openQueue }, { FsStore }, { silentLogger }] =
    await Promise.all([
      import('../../packages/jobs/dist/index.js'),
      import('../../packages/producer/dist/index.js'),
      import('../../packages/queue/dist/index.js'),
      import('../../packages/storage/dist/index.js'),
      import('../../packages/telemetry/dist/index.js'),
    ]);
  const ledger = new JobLedger(new FsStore(join(folder, 'store'), { sync: false }));
  const pictures = new FsStore(join(folder, 'pictures'), { sync: false });
  const queue = await openQueue({ kind: 'bullmq', url: redis, name: `bench-${step}`, leaseMs: 60_000 });
  const bucket = pathToFileURL(join(folder, 'pictures')).href;
  const source = files
    ? { kind: 'prefix', bucket, prefix: '', filter: {} }
    : { kind: 'manifest', bucket, format: 'csv', filter: {}, manifest: list(keys) };
  const request = (id, more = {}) => ({ id, source, pin: aPin, top: 3, ...more });
  const started = performance.now();
  const cpu = process.cpuUsage();
  const figures = {};
  if (step === 'enqueue' || step === 'again') {
    const id = step === 'enqueue' ? 'first' : 'again';
    const feeder = new producer.Feeder({ ledger, queue, window: 1_000_000, log: silentLogger });
    feeder.start();
    const { sealed } = await producer.enqueueJob(request(id, step === 'again' ? { since: 'first' } : {}), {
      ledger,
      open: () => pictures,
      feeder,
      tempFolder: folder,
    });
    await feeder.fed(id);
    await feeder[Symbol.asyncDispose]();
    Object.assign(figures, sealed);
  } else if (step === 'reconcile') {
    figures.tasks = await producer.reconcileJob('first', { ledger, queue });
  } else if (step === 'label') {
    const job = await ledger.read('first');
    const { tasks } = await ledger.findSealed('first');
    for (let seq = 0; seq < tasks; seq++) {
      const { items } = await ledger.readTask('first', seq);
      await ledger.writeResult(
        'first',
        seq,
        items.map((item) => aLine(item, modelOf(job))),
      );
    }
  } else {
    const watch = await JobWatch.open(ledger, 'first', { countFailed: true });
    figures.progress = (await watch.look()).pictures;
    figures.watchSeconds = round((performance.now() - started) / 1000);
    figures.labelled = (await summaryIfComplete(ledger, watch.job)).labelled;
  }
  const { user, system } = process.cpuUsage(cpu);
  figures.seconds = round((performance.now() - started) / 1000);
  figures.cpuSeconds = round((user + system) / 1e6);
  figures.messages = (await queue.depth()).ready;
  await queue[Symbol.asyncDispose]();
  figures.peakMB = Math.round(process.resourceUsage().maxRSS / 1024);
  return figures;
}

const digest = `sha256:${'0'.repeat(64)}`;
const aPin = {
  model: { name: 'birds', version: '0123456789ab', variant: 'fp32' },
  graph: digest,
  labels: digest,
  preprocessing: { width: 224, height: 224, resize: 'stretch', kernel: 'bilinear-half-pixel' },
  stableBatch: 1,
  decode: 'exact',
  maxPixels: 50_000_000,
  engine: { name: 'onnx', version: '1.30.0', device: 'cpu' },
  decoder: 'libvips 8.18.0',
};
const aLine = ({ key, etag }, model) => ({
  key,
  etag: etag ?? null,
  size: 16_000,
  width: 320,
  height: 240,
  model,
  predictions: [0.7, 0.2, 0.1].map((score, index) => ({
    label: `species ${(key.length * 7 + index) % 965}`,
    index,
    score,
  })),
});
const round = (value) => Math.round(value * 100) / 100;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ args: process.argv.slice(2), options });
  if (values.step) process.send(await measureStep(values), () => process.exit(0));
  else await run(process.argv.slice(2));
}
