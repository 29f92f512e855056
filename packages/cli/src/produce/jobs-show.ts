import { type Job, pinDigest } from '@rookery/contracts';
import { type JobProgress, JobWatch, listJobs, mapInOrder, summaryIfComplete } from '@rookery/jobs';
import { describeSource } from '@rookery/producer';
import type { CommandContext } from '../context.ts';
import { printable } from '../ui/printable.ts';
import { duration } from '../ui/progress.ts';
import { renderTable } from '../ui/table.ts';
import { type JobsOptions, jobNamed, openLedger } from './jobs-store.ts';
import { refusalNote } from './refusal-note.ts';

/** `rookery jobs list`. */
export async function listAllJobs(options: JobsOptions, context: CommandContext): Promise<void> {
  await using opened = await openLedger(options, context);
  const { ledger } = opened;
  const rows: string[][] = [];
  const looked = mapInOrder(await listJobs(ledger, context.signal), 4, async (job) => {
    const summary = await ledger.findSummary(job.id, context.signal);
    if (summary)
      return {
        job,
        progress: { state: 'complete', pictures: { done: summary.pictures, planned: summary.pictures } },
      } as const;
    const { state, pictures } = await (await JobWatch.open(ledger, job.id)).look(context.signal);
    return { job, progress: { state, pictures } };
  });
  for await (const { job, progress } of looked) {
    if (options.json) await context.stdout.write(`${JSON.stringify({ ...outline(job), ...progress })}\n`);
    else
      rows.push([
        job.id,
        progress.state,
        count(progress),
        job.pin.model.name,
        printable(describeSource(job)),
        when(job.createdAt),
      ]);
  }
  if (options.json) return;
  const titles = ['JOB', 'STATE', 'PICTURES', 'MODEL', 'SOURCE', 'MADE'].map((title) => ({ title }));
  await context.stdout.write(
    rows.length === 0 ? `no jobs in ${printable(ledger.store.location)}\n` : renderTable(titles, rows),
  );
}

/** `rookery jobs show`. */
export async function showJob(given: string, options: JobsOptions, context: CommandContext): Promise<void> {
  await using opened = await openLedger(options, context);
  const { ledger } = opened;
  const id = await jobNamed(ledger, given, context.signal);
  const watch = await JobWatch.open(ledger, id, { countFailed: true });
  const progress = await watch.look(context.signal);
  const summary = await summaryIfComplete(ledger, watch.job, context.signal);
  const isOpen = progress.state === 'running' || progress.state === 'planning';
  const refusal = isOpen ? await refusalNote(ledger, watch.job, context.signal) : undefined;
  if (options.json) {
    await context.stdout.write(
      `${JSON.stringify({ job: watch.job, progress: plain(progress), summary: summary ?? null, refusal: refusal ?? null })}\n`,
    );
    return;
  }
  const { job } = watch;
  const { name, version, variant } = job.pin.model;
  const rows = [
    ['job', job.id],
    ['state', progress.state],
    ['source', printable(describeSource(job))],
    ['model', `${name}@${version} ${variant}`],
    ['pin', pinDigest(job.pin)],
    ['pictures', `${count(progress)}${progress.failed ? `, ${progress.failed} failed` : ''}`],
    ['tasks', `${progress.tasks.done} of ${progress.tasks.planned}, up to ${job.taskSize} pictures each`],
    ...(job.since ? [['since', job.since]] : []),
    ...(job.parent ? [['retries', job.parent]] : []),
    ['made', when(job.createdAt)],
    ...(progress.state === 'running' && progress.leftMs !== undefined
      ? [['left', `${duration(progress.leftMs / 1_000)} at ${progress.picturesPerSecond.toFixed(1)} pictures/s`]]
      : []),
    ...(refusal ? [['refused', refusal]] : []),
    ...(progress.lastResultAt ? [['last result', when(progress.lastResultAt.toISOString())]] : []),
    ...(job.note ? [['note', printable(job.note)]] : []),
  ];
  const top = Object.entries(summary?.classes ?? {}).slice(0, 10);
  if (top.length > 0)
    rows.push(['labels', top.map(([label, pictures]) => `${printable(label)} ${pictures}`).join(', ')]);
  const errors = Object.entries(summary?.errors ?? {});
  if (errors.length > 0) rows.push(['errors', errors.map(([code, pictures]) => `${code} ${pictures}`).join(', ')]);
  const width = Math.max(...rows.map(([title = '']) => title.length));
  await context.stdout.write(rows.map(([title = '', value = '']) => `${title.padEnd(width)}  ${value}\n`).join(''));
}

const outline = (job: Job) => ({
  job: job.id,
  createdAt: job.createdAt,
  source: describeSource(job),
  model: job.pin.model,
});

const plain = ({ job: _job, ...progress }: JobProgress) => ({
  ...progress,
  submittedAt: progress.submittedAt.toISOString(),
  firstResultAt: progress.firstResultAt?.toISOString() ?? null,
  lastResultAt: progress.lastResultAt?.toISOString() ?? null,
});

const count = ({ state, pictures }: Pick<JobProgress, 'state' | 'pictures'>): string =>
  state === 'complete'
    ? String(pictures.done)
    : `${pictures.done} of ${pictures.planned}${state === 'planning' ? '+' : ''}`;

const when = (iso: string): string => iso.slice(0, 19).replace('T', ' ');
