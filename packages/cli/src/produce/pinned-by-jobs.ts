import { type JobLedger, listJobs, mapInOrder } from '@rookery/jobs';

/** The versions that unfinished jobs name, as `name@version`, each with its jobs. */
export async function pinnedByJobs(ledger: JobLedger, signal: AbortSignal): Promise<Map<string, string[]>> {
  const pinned = new Map<string, string[]>();
  const open = mapInOrder(await listJobs(ledger, signal), 8, async (job) => {
    const isOver = (await ledger.findSummary(job.id, signal)) ?? (await ledger.findCancelled(job.id, signal));
    return isOver ? undefined : job;
  });
  for await (const job of open) {
    if (!job) continue;
    const { name, version } = job.pin.model;
    const called = `${name}@${version}`;
    pinned.set(called, [...(pinned.get(called) ?? []), job.id]);
  }
  return pinned;
}
