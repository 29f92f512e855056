import { type Job, RookeryError } from '@rookery/contracts';
import { createJob } from '@rookery/producer';
import { noTracer, silentLogger } from '@rookery/telemetry';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { JobPlanner } from '../src/jobs/job-planner.ts';
import { JobFleet } from './a-fleet.ts';

let fleet: JobFleet;
let planner: JobPlanner | undefined;
beforeEach(async () => {
  fleet = await JobFleet.start({ worker: false });
});
afterEach(async () => {
  await planner?.[Symbol.asyncDispose]();
  await fleet[Symbol.asyncDispose]();
});

/** A job whose producer dies before anything is planned. */
async function anUnplannedJob(prefix = 'p'): Promise<Job> {
  await fleet.photos(3, prefix);
  const { ledger, buckets, pinOf } = fleet.parts;
  const source = { kind: 'prefix', bucket: fleet.bucket, prefix: `${prefix}/`, filter: {} } as const;
  const { job } = await createJob(
    { source, pin: await pinOf(), top: 1 },
    { ledger, open: (bucket) => buckets.open(bucket) },
  );
  return job;
}

function aPlanner(more: Partial<ConstructorParameters<typeof JobPlanner>[0]> = {}): JobPlanner {
  planner = new JobPlanner({
    ...fleet.parts,
    resume: 'plans',
    plans: 1,
    scanMs: 50,
    tracer: noTracer,
    log: silentLogger,
    ...more,
  });
  return planner;
}

const sealed = (id: string) => fleet.parts.ledger.findSealed(id);

it('a job that nobody plans any more is gone on with, and one that moves is left to whoever moves it', async () => {
  const { id } = await anUnplannedJob();
  aPlanner().start();
  await expect.poll(() => sealed(id), { timeout: 10_000 }).toMatchObject({ pictures: 3 });
});

it('a cancelled job is not planned', async () => {
  const { id } = await anUnplannedJob();
  await fleet.parts.ledger.cancel(id);
  aPlanner().start();
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await sealed(id)).toBeUndefined();
});

it('somebody else goes on where nothing is to be resumed', async () => {
  const { id } = await anUnplannedJob();
  aPlanner({ resume: 'nothing' }).start();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await sealed(id)).toBeUndefined();
});

it('a store that is down for a while delays a plan and loses nothing', async () => {
  const job = await anUnplannedJob();
  const { buckets } = fleet.parts;
  let failures = 0;
  const flaky = {
    open: (bucket: string) => {
      if (failures++ < 2) throw new RookeryError('STORE_UNAVAILABLE');
      return buckets.open(bucket);
    },
  };
  aPlanner({ buckets: flaky }).plan(job);
  await expect.poll(() => sealed(job.id), { timeout: 15_000 }).toMatchObject({ pictures: 3 });
  expect(failures).toBeGreaterThan(2);
});

it('a job whose pictures cannot be listed is cancelled, with the reason', async () => {
  const job = await anUnplannedJob();
  const { ledger } = fleet.parts;
  const open = (): never => {
    throw new RookeryError('BUCKET_REFUSED', { detail: 'photos' });
  };
  aPlanner({ buckets: { open } }).plan(job);
  await expect
    .poll(() => ledger.findCancelled(job.id), { timeout: 10_000 })
    .toMatchObject({ reason: { code: 'BUCKET_REFUSED', message: 'this bucket is not one that may be read: photos' } });
});

it('so many jobs are planned at the same time, the others after them', async () => {
  const jobs = [await anUnplannedJob('a'), await anUnplannedJob('b'), await anUnplannedJob('c')];
  const { buckets } = fleet.parts;
  let open = 0;
  let most = 0;
  const counted = {
    open: (bucket: string) => {
      const store = buckets.open(bucket);
      return new Proxy(store, {
        get: (target, name) => {
          const value = Reflect.get(target, name);
          if (name !== 'list') return typeof value === 'function' ? value.bind(target) : value;
          return async function* (...args: Parameters<typeof store.list>) {
            most = Math.max(most, ++open);
            await new Promise((resolve) => setTimeout(resolve, 50));
            try {
              yield* target.list(...args);
            } finally {
              open--;
            }
          };
        },
      });
    },
  };
  const two = aPlanner({ buckets: counted, plans: 2 });
  for (const job of jobs) two.plan(job);
  for (const { id } of jobs) await expect.poll(() => sealed(id), { timeout: 15_000 }).toMatchObject({ pictures: 3 });
  expect(most).toBe(2);
});
