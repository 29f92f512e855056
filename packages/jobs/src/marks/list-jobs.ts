import { type Job, JobId } from '@rookery/contracts';
import type { JobLedger } from '../job-ledger.ts';
import { mapInOrder } from '../parallel.ts';

/** All jobs, newest first: one listing request and one read a job, however many results they have. */
export async function listJobs(ledger: JobLedger, signal?: AbortSignal): Promise<Job[]> {
  const jobs: Job[] = [];
  const found = mapInOrder(jobIds(ledger, signal), 8, (id) => ledger.find(id, signal));
  for await (const job of found) if (job) jobs.push(job);
  return jobs.sort((a, b) => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : a.id < b.id ? -1 : 1));
}

/** Names of the folders in `jobs/`, by skipping from the first key of each past all of its others. */
async function* jobIds(ledger: JobLedger, signal?: AbortSignal): AsyncGenerator<string> {
  let startAfter: string | undefined;
  for (;;) {
    const first = await firstKey(ledger, startAfter, signal);
    if (first === undefined) return;
    const name = first.slice('jobs/'.length).split('/', 1)[0] ?? '';
    const isFolder = first.startsWith(`jobs/${name}/`);
    if (isFolder && JobId.safeParse(name).success) yield name;
    // "0" is the character after "/": nothing of this folder comes behind it. What is not a job begins with ".", all of it together.
    startAfter = name.startsWith('.') ? 'jobs/.~' : isFolder ? `jobs/${name}0` : first;
  }
}

async function firstKey(
  ledger: JobLedger,
  startAfter: string | undefined,
  signal?: AbortSignal,
): Promise<string | undefined> {
  for await (const page of ledger.store.list('jobs/', { startAfter, pageSize: 1, signal })) {
    const [first] = page;
    if (first) return first.key;
  }
  return undefined;
}
