import { expect, it } from 'vitest';
import { JobLedger, JobWatch, SummaryKeeper, summaryIfComplete } from '../src/index.ts';
import { SeriesListing } from '../src/progress/series-listing.ts';
import { aFailedLine, aJob, aPlannedJob, aTaskFile, counting, doTask, tempStore } from './fixtures.ts';

it('progress is right also when the first task is the slowest', async () => {
  const ledger = new JobLedger(await tempStore());
  const job = await aPlannedJob(ledger, 5);
  const watch = await JobWatch.open(ledger, job.id, { countFailed: true });
  expect(await watch.look()).toMatchObject({ state: 'running', tasks: { done: 0, planned: 5 }, failed: 0 });
  for (const seq of [1, 2, 4]) await doTask(ledger, job, seq);
  expect(await watch.look()).toMatchObject({ tasks: { done: 3, planned: 5 }, pictures: { done: 6, planned: 10 } });
  await doTask(ledger, job, 3);
  await doTask(ledger, job, 0);
  const complete = await watch.look();
  expect(complete).toMatchObject({ state: 'complete', tasks: { done: 5 }, pictures: { done: 10 }, leftMs: 0 });
  expect(complete.firstResultAt?.getTime()).toBeLessThanOrEqual(complete.lastResultAt?.getTime() ?? 0);
});

it('a job is not complete before it is sealed, whatever is done', async () => {
  const ledger = new JobLedger(await tempStore());
  const { job } = await ledger.create(aJob());
  await ledger.putTask(job.id, aTaskFile(0, ['a', 'b']));
  await doTask(ledger, job, 0);
  const watch = await JobWatch.open(ledger, job.id);
  expect(await watch.look()).toMatchObject({ state: 'planning', tasks: { done: 1, planned: 1 } });
  await ledger.seal(job.id, { tasks: 1, pictures: 2 });
  expect(await watch.look()).toMatchObject({ state: 'complete' });
});

it('the last, smaller task counts as what it is', async () => {
  const ledger = new JobLedger(await tempStore());
  const { job } = await ledger.create(aJob({ taskSize: 4 }));
  await ledger.putTask(job.id, aTaskFile(0, ['a', 'b', 'c', 'd']));
  await ledger.putTask(job.id, aTaskFile(1, ['e'], 4));
  await ledger.seal(job.id, { tasks: 2, pictures: 5 });
  const watch = await JobWatch.open(ledger, job.id);
  await doTask(ledger, job, 1);
  expect(await watch.look()).toMatchObject({ pictures: { done: 1, planned: 5 } });
  await doTask(ledger, job, 0);
  expect(await watch.look()).toMatchObject({ pictures: { done: 5, planned: 5 } });
});

it('errors are counted by reading each new result once', async () => {
  const store = counting(await tempStore());
  const ledger = new JobLedger(store);
  const job = await aPlannedJob(ledger, 3);
  const watch = await JobWatch.open(ledger, job.id, { countFailed: true });
  const tricky = { key: ',"error":{"code":"', etag: '1' };
  await ledger.writeResult(job.id, 1, [
    aFailedLine(job, tricky, 'PICTURE_CORRUPT'),
    aFailedLine(job, { key: 'x' }, 'SOURCE_NOT_FOUND'),
  ]);
  expect((await watch.look()).failed).toBe(2);
  store.keysRead.length = 0;
  await doTask(ledger, job, 0);
  expect((await watch.look()).failed).toBe(2);
  expect(store.keysRead.filter((key) => key.includes('/results/'))).toEqual(['jobs/a-job/results/0000000000.jsonl']);
});

it('a cancelled job is seen to be cancelled', async () => {
  const ledger = new JobLedger(await tempStore());
  const job = await aPlannedJob(ledger, 2);
  await ledger.cancel(job.id);
  expect(await (await JobWatch.open(ledger, job.id)).look()).toMatchObject({ state: 'cancelled' });
});

it('following 4,000 results costs under 100 listings, in order or with the first the slowest', async () => {
  for (const order of [(seq: number) => seq, (seq: number) => (seq + 1) % 4_000]) {
    const store = counting(await tempStore());
    const listing = new SeriesListing(store, {
      folder: 'r/',
      keyOf: (seq) => `r/${String(seq).padStart(10, '0')}.jsonl`,
    });
    for (let done = 0; done < 4_000; ) {
      const puts = Array.from({ length: 100 }, (_, at) => `r/${String(order(done + at)).padStart(10, '0')}.jsonl`);
      await Promise.all(puts.map((key) => store.put(key, '')));
      done += puts.length;
      await listing.look();
      expect(listing.seen.count).toBe(done);
    }
    expect(store.requests.list).toBeLessThan(100);
    expect(store.requests.head).toBeLessThan(100);
  }
}, 60_000);

it('two keepers that race put one summary, by the times of the store', async () => {
  const store = await tempStore();
  const ledger = new JobLedger(store);
  const job = await aPlannedJob(ledger, 4);
  await ledger.writeResult(job.id, 3, [
    aFailedLine(job, { key: '00000006.jpg' }, 'PICTURE_CORRUPT'),
    aFailedLine(job, { key: '00000007.jpg' }, 'SOURCE_NOT_FOUND'),
  ]);
  for (const seq of [0, 1, 2]) await doTask(ledger, job, seq, seq === 0 ? 'wren' : 'robin');
  const found: unknown[] = [];
  const keepers = [1, 2].map(
    () => new SummaryKeeper({ ledger: new JobLedger(store), onSummary: (summary) => found.push(summary) }),
  );
  for (const keeper of keepers) keeper.wrote(job.id, 0);
  await Promise.all(keepers.map((keeper) => keeper.flush()));
  await Promise.all(keepers.map((keeper) => keeper[Symbol.asyncDispose]()));
  const summary = await ledger.findSummary(job.id);
  expect(found).toEqual([summary, summary]);
  expect(summary).toMatchObject({
    tasks: 4,
    pictures: 8,
    labelled: 6,
    failed: 2,
    classes: { robin: 4, wren: 2 },
    errors: { PICTURE_CORRUPT: 1, SOURCE_NOT_FOUND: 1 },
  });
  const made = await store.head('jobs/a-job/job.json');
  expect(summary?.submittedAt).toBe(made?.lastModified.toISOString());
});

it('a worker looks at a job of 4,000 tasks a handful of times, and once after its last result', async () => {
  const store = counting(await tempStore());
  const ledger = new JobLedger(store);
  await ledger.create(aJob({ taskSize: 1 }));
  await ledger.seal('a-job', { tasks: 4_000, pictures: 4_000 });
  let now = 0;
  let summaries = 0;
  const keeper = new SummaryKeeper({ ledger, now: () => now, onSummary: () => summaries++ });
  store.requests.list = 0;
  let random = 1;
  for (let seq = 0; seq < 4_000; seq++) {
    await ledger.writeResult('a-job', seq, []);
    keeper.wrote('a-job', seq);
    // A result every 0.1 to 5 s, with pauses of a minute now and then.
    random = (random * 16_807) % 2_147_483_647;
    const gap = seq % 500 === 499 ? 60_000 : 100 + (random % 4_900);
    for (let passed = 0; passed < gap; passed += 500) {
      now += 500;
      await keeper.tick();
    }
  }
  now += 300_000;
  await keeper.tick();
  await keeper[Symbol.asyncDispose]();
  expect(summaries).toBe(1);
  expect(store.requests.list).toBeLessThan(60);
}, 120_000);

it('whoever looks at a job that is complete puts the summary that a dead worker owed', async () => {
  const ledger = new JobLedger(await tempStore());
  const job = await aPlannedJob(ledger, 2);
  expect(await summaryIfComplete(ledger, job)).toBeUndefined();
  for (const seq of [0, 1]) await doTask(ledger, job, seq);
  expect(await summaryIfComplete(ledger, job)).toMatchObject({ labelled: 4 });
  expect(await ledger.findSummary(job.id)).toMatchObject({ labelled: 4 });
});
