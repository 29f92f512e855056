import { type Job, pinDigest } from '@rookery/contracts';
import { type JobLedger, streamLines } from '@rookery/jobs';
import { mergeWindows, type Window } from '../sketch/window.ts';
import { WindowSketch } from '../sketch/window-sketch.ts';
import { readWindows } from '../window-store.ts';

/**
 * A job as one window, from its lines; brightness and sharpness from the windows that workers wrote meanwhile. A job that is not complete
 * gives what is there. Lines that were taken over from an earlier job count as well.
 */
export async function windowOfJob(ledger: JobLedger, job: Job, signal?: AbortSignal): Promise<Window> {
  const { name, version } = job.pin.model;
  const sketch = new WindowSketch({ model: pinDigest(job.pin), name: `${name}@${version}` });
  const at = Date.parse(job.createdAt);
  for await (const lines of streamLines(ledger, job.id, { partial: true, signal }))
    for (const line of lines) sketch.add(line, at);
  const window = sketch.window();
  const looks = await looksOf(ledger, job, at, signal);
  if (!looks) return window;
  const { brightness, sharpness } = looks.histograms;
  return { ...window, to: looks.to, histograms: { ...window.histograms, brightness, sharpness } };
}

async function looksOf(
  ledger: JobLedger,
  { id }: Job,
  sinceMs: number,
  signal?: AbortSignal,
): Promise<Window | undefined> {
  let all: Window | undefined;
  for await (const { job, window } of readWindows(ledger.store, { sinceMs, signal }))
    if (job === id) all = all ? mergeWindows(all, window) : window;
  return all;
}
