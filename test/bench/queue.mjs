// Tasks per second through each queue, and the CPU seconds of this process per task: `node test/bench/queue.mjs [--json] [tasks]`.
import { openQueue } from '../../packages/queue/dist/index.js';
import { startRedis, startSqs, testCredentials, testRegion } from '../services/for-node.mjs';

const count = Number(process.argv.slice(2).find((argument) => /^\d+$/.test(argument)) ?? 10_000);
const itemsPerTask = 16;
const receivers = 2;
const perReceive = 16;

const digest = `sha256:${'0'.repeat(64)}`;
const pin = {
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
const items = Array.from({ length: itemsPerTask }, (_, index) => ({
  key: `2026/11/24/camera-07/${index}.jpg`,
  etag: digest,
}));
const taskOf = (seq) => ({ v: 1, job: 'bench', seq, pin, bucket: 'photos', items, top: 3 });

async function measured(work) {
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const done = await work();
  const seconds = (performance.now() - startMs) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    tasksPerSecond: Math.round(done / seconds),
    cpuMsPerTask: Number(((user + system) / 1_000 / done).toFixed(3)),
  };
}

async function throughput(options, tasks) {
  const queue = await openQueue({ name: `bench-${process.pid}`, leaseMs: 60_000, ...options });
  try {
    const send = await measured(async () => {
      for (let from = 0; from < tasks; from += 1_000) {
        const size = Math.min(1_000, tasks - from);
        await queue.send(Array.from({ length: size }, (_, index) => taskOf(from + index)));
      }
      return tasks;
    });
    const receiveAndAck = await measured(async () => {
      let done = 0;
      const receive = async () => {
        while (done < tasks) {
          const some = await queue.receive(perReceive, { waitMs: 200 });
          await Promise.all(some.map((delivery) => delivery.ack()));
          done += some.length;
        }
      };
      await Promise.all(Array.from({ length: receivers }, receive));
      return done;
    });
    return { tasks, itemsPerTask, send, receiveAndAck };
  } finally {
    await queue[Symbol.asyncDispose]();
  }
}

const results = { memory: await throughput({ kind: 'memory' }, count) };
const servers = {
  bullmq: async () => {
    const server = await startRedis();
    return { server, options: { kind: 'bullmq', url: server.url }, tasks: count };
  },
  sqs: async () => {
    const server = await startSqs();
    const options = {
      kind: 'sqs',
      endpoint: server.endpoint,
      region: testRegion,
      credentials: testCredentials,
      create: true,
    };
    return { server, options, tasks: Math.ceil(count / 4) };
  },
};
for (const [name, start] of Object.entries(servers)) {
  try {
    const { server, options, tasks } = await start();
    try {
      results[name] = { server: server.kind ?? 'redis', ...(await throughput(options, tasks)) };
    } finally {
      await server[Symbol.asyncDispose]();
    }
  } catch (error) {
    results[name] = { missing: error instanceof Error ? error.message : String(error) };
  }
}
if (process.argv.includes('--json')) console.log(JSON.stringify(results));
else console.dir(results, { depth: 4 });
