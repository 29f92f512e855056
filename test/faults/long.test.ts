import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, inject, it } from 'vitest';
import {
  type RedisServer,
  type S3FaultProxy,
  startRedis,
  startS3FaultProxy,
  type TemporaryFolder,
  temporaryFolder,
} from '../services/index.ts';
import { redisQueue, type StorePlace } from './harness/backends.ts';
import { expectUndisturbed } from './harness/expectations.ts';
import { Fleet } from './harness/fleet.ts';
import { keysOf } from './harness/pictures.ts';
import { type Random, seededRandom } from './harness/random.ts';
import type { RookeryProcess } from './harness/rookery-process.ts';
import { type S3World, startS3World } from './harness/s3-world.ts';
import { sendAgain } from './harness/send-again.ts';
import { everyFault } from './harness/store-faults.ts';
import { undisturbedIn } from './harness/undisturbed.ts';
import { until } from './harness/until.ts';

const number = (name: string, otherwise: number): number => Number(process.env[`ROOKERY_FAULTS_${name}`] ?? otherwise);
const kills = number('KILLS', 1_000);
const restarts = number('RESTARTS', 100);
const losses = number('LOSSES', 10);
/** How often each picture is named: each time it gets a line. */
const repeats = number('REPEATS', 400);
const job = 'long';
const workers = 2;
/** Without a new result for so long something hangs. */
const hangsMs = 180_000;

type Strike = 'kill' | 'restart' | 'loss' | 'redelivery';

/** All strikes in an order drawn by lot; tasks are delivered again in the middle and at the end. */
function strikesOf(random: Random): Strike[] {
  const many = (strike: Strike, count: number): Strike[] => Array.from({ length: count }, () => strike);
  const strikes = [...many('kill', kills), ...many('restart', restarts), ...many('loss', losses)];
  for (let last = strikes.length - 1; last > 0; last--) {
    const other = random.between(0, last);
    [strikes[last], strikes[other]] = [strikes[other] as Strike, strikes[last] as Strike];
  }
  strikes.splice(Math.floor(strikes.length / 2), 0, 'redelivery');
  return [...strikes, 'redelivery'];
}

const { redis: shared, s3 } = inject('services');

describe.skipIf(!shared.available || !s3.available)('everything at once', () => {
  let data: TemporaryFolder;
  let redis: RedisServer;
  let world: S3World;
  let proxy: S3FaultProxy;
  let pictures: StorePlace;
  let fleet: Fleet;
  const random = seededRandom(`${kills} kills, ${restarts} restarts of Redis, ${losses} losses of the queue`);
  beforeEach(async () => {
    data = temporaryFolder('redis-data');
    redis = await startRedis({ dir: join(data.path, 'redis'), appendonly: true });
    world = await startS3World();
    proxy = await startS3FaultProxy({ endpoint: world.server.endpoint, seed: random.seed });
    pictures = world.pictures(proxy.endpoint);
    fleet = await Fleet.open({ queue: redisQueue(redis.url), pictures, store: world.store(proxy.endpoint) });
  });
  afterEach(async () => {
    await fleet[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
    await world[Symbol.asyncDispose]();
    await redis[Symbol.asyncDispose]();
    data[Symbol.dispose]();
  });

  const restartRedis = async (empty: boolean): Promise<void> => {
    const { port } = redis;
    const dir = join(data.path, 'redis');
    await redis.program.kill();
    if (empty) await rm(dir, { recursive: true });
    redis = await startRedis({ dir, appendonly: true, port });
  };

  it(
    'on one job: every item has its line, once, byte for byte',
    async () => {
      const list = join(fleet.folder, 'keys.txt');
      await writeFile(list, `${keysOf(inject('undisturbed').count).join('\n')}\n`.repeat(repeats));
      proxy.set(everyFault(0.01));
      const enqueue = ['enqueue', list, '--bucket', pictures.location, '--job', job, '--task-size', '16', '--wait'];
      const producer = fleet.start(enqueue);
      await until('the job is planned', () => fleet.ledger.findSealed(job), { ceilingMs: 600_000 });
      const sealed = await fleet.ledger.findSealed(job);
      const tasks = sealed?.tasks ?? 0;

      let ends = false;
      const running: RookeryProcess[] = [];
      /** As a supervisor does: whatever ends is started again. */
      const lane = async (index: number): Promise<void> => {
        while (!ends) {
          const worker = fleet.worker();
          running[index] = worker;
          await worker.ended;
        }
      };
      const lanes = Array.from({ length: workers }, (_, index) => lane(index));

      const strikes = strikesOf(random);
      for (const [index, strike] of strikes.entries()) {
        const wanted = Math.floor((tasks * 0.95 * (index + 1)) / strikes.length);
        await fleet.untilDone(job, wanted, hangsMs);
        if (index % 50 === 0)
          process.stdout.write(`strike ${index} of ${strikes.length}: ${await fleet.done(job)} of ${tasks} tasks\n`);
        if (strike === 'kill') running[random.between(0, workers - 1)]?.signal('SIGKILL');
        else if (strike === 'redelivery') await sendAgain(fleet, job);
        else await restartRedis(strike === 'loss');
        if (strike === 'loss') await fleet.run(['jobs', 'reconcile', job]);
      }
      await fleet.untilDone(job, tasks, hangsMs);
      ends = true;
      await producer.ended;
      for (const worker of running) worker.signal('SIGTERM');
      await Promise.all(lanes);
      proxy.set([]);
      // Redelivered tasks may still wait: a worker that nothing disturbs finds that they are done.
      fleet.worker();
      await using bucket = await pictures.open();
      await expectUndisturbed(fleet, job, { text: (await undisturbedIn(bucket)).repeat(repeats) });
    },
    24 * 3_600_000,
  );
});
