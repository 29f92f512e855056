import { expect, it } from 'vitest';
import { JobLedger, newestJobs } from '../src/index.ts';
import { aJob, counting, tempStore } from './fixtures.ts';

const at = (second: number): string => `2026-11-24T12:00:${String(second).padStart(2, '0')}.000Z`;

async function aLedgerOf(count: number): Promise<JobLedger> {
  const ledger = new JobLedger(await tempStore());
  // Names in another order than times.
  for (let n = 0; n < count; n++) await ledger.create(aJob({ id: `job-${(n * 7) % count}`, createdAt: at(n) }));
  return ledger;
}

it('pages of jobs are newest first, and together hold each job once', async () => {
  const ledger = await aLedgerOf(10);
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const page = await newestJobs(ledger, { limit: 4, after });
    ids.push(...page.jobs.map(({ id }) => id));
    after = page.next;
  } while (after !== undefined);
  expect(ids).toEqual(Array.from({ length: 10 }, (_, n) => `job-${((9 - n) * 7) % 10}`));
});

it('a page costs its own jobs, however many there are', async () => {
  const store = counting(await tempStore());
  const ledger = new JobLedger(store);
  for (let n = 0; n < 40; n++) await ledger.create(aJob({ id: `job-${n}`, createdAt: at(n) }));
  for (const name of Object.keys(store.requests) as (keyof typeof store.requests)[]) store.requests[name] = 0;
  expect((await newestJobs(ledger, { limit: 5 })).jobs).toHaveLength(5);
  expect(store.requests.get).toBeLessThanOrEqual(13);
});

it('a job that is made again stands where it was made first, and a deleted one nowhere', async () => {
  const ledger = await aLedgerOf(3);
  await ledger.create(aJob({ id: 'job-0', createdAt: at(50) }));
  expect((await newestJobs(ledger, { limit: 9 })).jobs.map(({ id }) => id)).toEqual(['job-2', 'job-1', 'job-0']);
  await ledger.delete('job-1');
  expect((await newestJobs(ledger, { limit: 9 })).jobs.map(({ id }) => id)).toEqual(['job-2', 'job-0']);
});

it('a job that was cancelled says when, and why where there is a reason', async () => {
  const ledger = await aLedgerOf(2);
  expect(await ledger.findCancelled('job-0')).toBeUndefined();
  await ledger.cancel('job-0');
  expect(await ledger.findCancelled('job-0')).toMatchObject({ at: expect.any(Date), reason: undefined });
  await ledger.cancel('job-1', { code: 'OBJECT_NOT_FOUND', message: 'there is no list' });
  expect(await ledger.findCancelled('job-1')).toMatchObject({ reason: { code: 'OBJECT_NOT_FOUND' } });
});
