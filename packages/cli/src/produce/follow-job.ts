import { pause } from '@rookery/contracts';
import { type JobLedger, type JobProgress, JobWatch, summaryIfComplete } from '@rookery/jobs';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit.ts';
import { colours } from '../ui/colours.ts';
import { barOf, fitLine } from '../ui/fit-line.ts';
import { duration } from '../ui/progress.ts';
import { refusalNote } from './refusal-note.ts';
import { RefusalWatch } from './refusal-watch.ts';
import { StallWatch } from './stall-watch.ts';

const lookMs = 1_000;
const stalledMs = 60_000;
/** A worker says within so long what it cannot run. */
const refusedMs = 10_000;
/** Without a terminal a line says how far it is, now and then. */
const lineMs = 10_000;

/** Draws a job's progress until it is complete or cancelled, from the store alone. Exit code 1 where pictures failed. */
export async function followJob(ledger: JobLedger, id: string, context: CommandContext): Promise<JobProgress> {
  const { signal, stderr, quiet } = context;
  const watch = await JobWatch.open(ledger, id, { countFailed: true });
  const stall = new StallWatch(stalledMs);
  const refused = new RefusalWatch(refusedMs, () => refusalNote(ledger, watch.job, signal));
  let saidAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    const progress = await watch.look(signal);
    const ended = progress.state === 'complete' || progress.state === 'cancelled';
    if (!quiet && stderr.isTTY)
      await stderr.write(
        `\r\u001b[2K${watchLine(progress, context.colour.stderr, stderr.columns)}${ended ? '\n' : ''}`,
      );
    else if (!quiet && (ended || performance.now() - saidAt >= lineMs)) {
      saidAt = performance.now();
      await stderr.write(`${watchLine(progress, false)}\n`);
    }
    if (!quiet && !ended) {
      const count = progress.pictures.done + progress.pictures.planned;
      for (const note of [await refused.look(count), stall.look(count) ? stallNote(id) : undefined])
        if (note) await stderr.write(`${stderr.isTTY ? '\r\u001b[2K' : ''}${note}\n`);
    }
    if (ended) {
      if (progress.state === 'complete') await summaryIfComplete(ledger, watch.job, signal);
      if (progress.state === 'cancelled' || (progress.failed ?? 0) > 0) context.exitCode = exitCodes.failed;
      return progress;
    }
    await pause(lookMs, signal);
    signal.throwIfAborted();
  }
}

const stallNote = (id: string): string =>
  `nothing new for ${stalledMs / 1_000} s: does a worker run on this queue and store? \`rookery jobs reconcile ${id}\` enqueues again what a lost queue had`;

/** `━━━━──── 1200/5000  83/s  2 failed  46 s left`. Where `columns` are too few, the bar is left out first, then the last words. */
export function watchLine(progress: JobProgress, colour: boolean, columns = Number.POSITIVE_INFINITY): string {
  const paint = colours(colour);
  const { done, planned } = progress.pictures;
  const parts = [
    `${done}/${planned}${progress.state === 'planning' ? '+' : ''}`,
    `${progress.picturesPerSecond < 10 ? progress.picturesPerSecond.toFixed(1) : Math.round(progress.picturesPerSecond)}/s`,
  ];
  if (progress.failed) parts.push(paint.red(`${progress.failed} failed`));
  if (progress.state === 'running' && progress.leftMs !== undefined)
    parts.push(`${duration(progress.leftMs / 1_000)} left`);
  if (progress.state === 'planning') parts.push('still being listed');
  if (progress.state === 'complete') parts.push(paint.green('complete'));
  if (progress.state === 'cancelled') parts.push(paint.yellow('cancelled'));
  return fitLine(barOf(planned === 0 ? 0 : done / planned, paint), parts, columns);
}
