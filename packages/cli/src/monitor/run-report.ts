import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { RookeryError } from '@rookery/contracts';
import { htmlReport, reportOfFleet, reportOfJob, verdictOf } from '@rookery/monitor';
import { printJson } from '../commands/models-registry.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit.ts';
import { jobNamed, openLedger } from '../produce/jobs-store.ts';
import { colours } from '../ui/colours.ts';
import { driftRulesOf } from './drift-rules.ts';
import { reportText } from './report-text.ts';
import { sinceOf } from './since.ts';

export interface MonitorReportOptions {
  readonly job?: string;
  readonly since?: string;
  readonly model?: string;
  readonly html?: string;
  readonly check?: boolean;
  readonly store?: string;
  readonly s3Endpoint?: string;
  readonly json?: boolean;
}

/** `rookery monitor report` */
export async function runReport(options: MonitorReportOptions, context: CommandContext): Promise<void> {
  const { since = '24h', model } = options;
  if (options.job !== undefined && options.since !== undefined)
    throw new RookeryError('USAGE', { detail: '--job is a job as a whole: --since has no meaning with it' });
  const sinceMs = sinceOf(since, Date.now());
  await using opened = await openLedger(options, context);
  const { ledger, config } = opened;
  const rules = driftRulesOf(config);
  const { signal } = context;
  const all =
    options.job === undefined
      ? await reportOfFleet(ledger, { rules, sinceMs, model, signal })
      : [await reportOfJob(ledger, await jobNamed(ledger, options.job, signal), { rules, signal })];
  const reports = all.filter(({ name }) => model === undefined || name === model || name.split('@')[0] === model);
  if (options.html !== undefined) await writeFile(resolve(context.cwd, options.html), htmlReport(reports));
  const verdicts = reports.map(verdictOf);
  if (options.json)
    await printJson(
      reports.map((report, at) => ({ verdict: verdicts[at], ...report })),
      context,
    );
  else if (reports.length === 0)
    await context.stdout.write(
      `no worker has written a window since ${new Date(sinceMs).toISOString()}; --since looks further back\n`,
    );
  else
    await context.stdout.write(reports.map((report) => reportText(report, colours(context.colour.stdout))).join('\n'));
  // What was not compared is not known to be well.
  if (
    options.check &&
    (reports.length === 0 || verdicts.some((verdict) => verdict === 'drifting' || verdict === 'unknown'))
  )
    context.exitCode = exitCodes.failed;
}
