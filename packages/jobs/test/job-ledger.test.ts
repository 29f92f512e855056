import { jobLayout } from '@rookery/contracts';
import { expect, it } from 'vitest';
import { JobLedger, listJobs, mergeLines, missingTasks, taskOf, workOf } from '../src/index.ts';
import { aJob, aLine, aPlannedJob, aTaskFile, counting, doTask, tempStore } from './fixtures.ts';

const aLedger = async () => new JobLedger(await tempStore());

it('a job that is made twice is made once, as it was the first time', async () => {
  const ledger = await aLedger();
  expect(await ledger.create(aJob())).toEqual({ job: aJob(), isNew: true });
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const again = await ledger.create(aJob({ createdAt: '2027-01-01T00:00:00.000Z', traceparent }));
  expect(again).toEqual({ job: aJob(), isNew: false });
});

it('a job of the same name for something else is a conflict', async () => {
  const ledger = await aLedger();
  await ledger.create(aJob());
  await expect(ledger.create(aJob({ top: 5 }))).rejects.toMatchObject({ code: 'JOB_CONFLICT' });
});

it('a name that climbs out is no job', async () => {
  const ledger = await aLedger();
  expect(await ledger.find('../../etc')).toBeUndefined();
  await expect(ledger.read('A')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  await expect(ledger.delete('../x')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
});

it('a task file is never rewritten: the second writer follows what is there', async () => {
  const ledger = await aLedger();
  await ledger.putTask('a-job', aTaskFile(0, ['a', 'b']));
  expect(await ledger.putTask('a-job', aTaskFile(0, ['x', 'y']))).toEqual(aTaskFile(0, ['a', 'b']));
  expect(await ledger.readTask('a-job', 0)).toEqual(aTaskFile(0, ['a', 'b']));
});

it('of two producers that decide the same tasks the first wins and the other follows', async () => {
  const ledger = await aLedger();
  const mine = { v: 1 as const, tasks: [aTaskFile(0, ['a'])], last: true };
  const theirs = { v: 1 as const, tasks: [aTaskFile(0, ['b'])], last: false };
  const decided = await Promise.all([ledger.decide('a-job', 0, mine), ledger.decide('a-job', 0, theirs)]);
  expect(decided[0]).toEqual(decided[1]);
  expect(await ledger.lastDecision('a-job')).toEqual({ firstSeq: 0, chunk: decided[0] });
});

it('the first result of a task stays, and finding one there is success', async () => {
  const ledger = await aLedger();
  const [job, item] = [aJob(), { key: 'a', etag: '1' }];
  expect(await ledger.writeResult(job.id, 0, [aLine(job, item, 'robin')])).toBe('created');
  expect(await ledger.writeResult(job.id, 0, [aLine(job, item, 'thrush')])).toBe('exists');
  expect(Buffer.from((await ledger.findResult(job.id, 0)) ?? []).toString()).toContain('"label":"robin"');
  expect(await ledger.resultExists(job.id, 0)).toBe(true);
  expect(await ledger.resultExists(job.id, 1)).toBe(false);
});

it('taken-over lines stand in the result in the order of the items', () => {
  const job = aJob();
  const file = aTaskFile(0, ['a', 'b', 'c']);
  const [a, b, c] = file.items;
  if (!a || !b || !c) throw new Error('three items');
  const mixed = { ...file, items: [a, { ...b, line: aLine(job, b, 'old') }, c] };
  expect(workOf(mixed)).toEqual([a, c]);
  const merged = mergeLines(mixed, [aLine(job, a, 'new'), aLine(job, c, 'new')]);
  expect(merged.map(({ key, predictions }) => [key, predictions[0]?.label])).toEqual([
    ['a', 'new'],
    ['b', 'old'],
    ['c', 'new'],
  ]);
  expect(() => mergeLines(mixed, [aLine(job, a)])).toThrow(TypeError);
  expect(() => mergeLines(mixed, [aLine(job, a), aLine(job, b), aLine(job, c)])).toThrow(TypeError);
  // A message with taken-over lines points to the file: only that has them all.
  expect(taskOf(job, mixed).items).toBeUndefined();
  expect(taskOf(job, file).items).toEqual(file.items);
});

it('whether a job is cancelled is asked at most every five seconds', async () => {
  let now = 0;
  const store = counting(await tempStore());
  const ledger = new JobLedger(store, () => now);
  await ledger.create(aJob());
  store.requests.head = 0;
  const other = new JobLedger(store);
  expect(await Promise.all([ledger.isCancelled('a-job'), ledger.isCancelled('a-job')])).toEqual([false, false]);
  await other.cancel('a-job');
  now = 4_999;
  expect(await ledger.isCancelled('a-job')).toBe(false);
  expect(store.requests.head).toBe(2);
  now = 5_000;
  expect(await ledger.isCancelled('a-job')).toBe(true);
});

it('tasks of a job that is not there any more are dropped as those of a cancelled one', async () => {
  const ledger = await aLedger();
  expect(await ledger.isCancelled('never-made')).toBe(true);
});

it('deleting takes everything of the job and nothing of its neighbours', async () => {
  const ledger = await aLedger();
  for (const id of ['a-job', 'a-job-2', 'a']) {
    const job = await aPlannedJob(ledger, 3, { id });
    await doTask(ledger, job, 1);
  }
  await ledger.delete('a-job');
  const left: string[] = [];
  for await (const page of ledger.store.list('')) left.push(...page.map(({ key }) => key));
  expect(left.filter((key) => key.startsWith('jobs/a-job/'))).toEqual([]);
  expect(left.filter((key) => key.startsWith('jobs/a-job-2/'))).toHaveLength(6);
  expect(left.filter((key) => key.startsWith('jobs/a/'))).toHaveLength(6);
  await expect(ledger.delete('a-job')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
});

it('a deletion that was killed half-way can be done again', async () => {
  const ledger = await aLedger();
  await ledger.store.put(jobLayout('a-job').result(3), '');
  await ledger.delete('a-job');
  expect(await ledger.resultExists('a-job', 3)).toBe(false);
});

it('jobs are listed newest first at the cost of one listing and one read each', async () => {
  const store = counting(await tempStore());
  const ledger = new JobLedger(store);
  const days = { 'job-b': '02', job: '03', 'job-a': '01', z9: '04' };
  for (const [id, day] of Object.entries(days)) {
    const job = await aPlannedJob(ledger, 30, { id, createdAt: `2026-11-${day}T00:00:00.000Z` });
    await doTask(ledger, job, 0);
  }
  await store.put('jobs/.feeding/job.json', '{}');
  await store.put('jobs/stray', '');
  store.requests.list = 0;
  store.requests.get = 0;
  expect((await listJobs(ledger)).map(({ id }) => id)).toEqual(['z9', 'job', 'job-b', 'job-a']);
  expect(store.requests.list).toBeLessThanOrEqual(4 + 3);
  expect(store.requests.get).toBe(4);
});

it('tasks minus results is what is left, behind any number of gaps', async () => {
  const ledger = await aLedger();
  const job = await aPlannedJob(ledger, 8);
  for (const seq of [0, 1, 3, 6]) await doTask(ledger, job, seq);
  expect(await missingTasks(ledger, job.id)).toEqual([2, 4, 5, 7]);
  expect(await missingTasks(ledger, job.id, { below: 5 })).toEqual([2, 4]);
});
