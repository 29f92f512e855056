import { jobLayout } from '@rookery/contracts';
import type { JobLedger } from '../job-ledger.ts';
import { SeriesListing } from '../progress/series-listing.ts';

/** Numbers of the tasks that have no result, ascending: exactly the work that is left. Two listings; memory is what lies behind gaps. */
export async function missingTasks(
  ledger: JobLedger,
  job: string,
  options: { below?: number | undefined; signal?: AbortSignal | undefined } = {},
): Promise<number[]> {
  const layout = jobLayout(job);
  const tasks = new SeriesListing(ledger.store, { folder: layout.tasks, keyOf: layout.task });
  const results = new SeriesListing(ledger.store, { folder: layout.results, keyOf: layout.result });
  // Tasks first: a task that is planned meanwhile is not counted, a result that comes meanwhile is.
  await tasks.look(options.signal);
  await results.look(options.signal);
  // Behind a gap in the task files nothing was ever enqueued: whoever plans the job goes on there.
  const end = Math.min(tasks.seen.next, options.below ?? Number.POSITIVE_INFINITY);
  return results.seen.missingBelow(end, Number.POSITIVE_INFINITY);
}
