import { RookeryError } from '@rookery/contracts';
import type { JobLedger } from '@rookery/jobs';
import { type Baseline, mergeWindows, putBaseline, readWindows, type Window, windowOfJob } from '@rookery/monitor';
import { configuredRegistry, printJson, referenceOf } from '../commands/models-registry.ts';
import type { RegistryOptions } from '../commands/registry-options.ts';
import type { CommandContext } from '../context.ts';
import { jobNamed, openLedger } from '../produce/jobs-store.ts';
import { sinceOf } from './since.ts';

export interface BaselineOptions extends RegistryOptions {
  readonly job?: string;
  readonly since?: string;
  readonly replace?: boolean;
  readonly store?: string;
  readonly s3Endpoint?: string;
  readonly json?: boolean;
}

/** `rookery monitor baseline MODEL` */
export async function runBaseline(model: string, options: BaselineOptions, context: CommandContext): Promise<void> {
  if ((options.job === undefined) === (options.since === undefined))
    throw new RookeryError('USAGE', { detail: 'say where the reference is from: --job JOB or --since TIME' });
  await using registry = await configuredRegistry(options, context);
  const { manifest } = await registry.resolve(referenceOf(model, context));
  await using opened = await openLedger(options, context);
  const { ledger, config } = opened;
  const { name, version } = manifest;
  const job = options.job === undefined ? null : await jobNamed(ledger, options.job, context.signal);
  const window =
    job === null
      ? await ofFleet(ledger, `${name}@${version}`, options.since ?? '', context)
      : await ofJob(ledger, job, { name, version }, context);
  const labelled = window.pictures - window.failed;
  if (labelled < config.monitor.least)
    throw new RookeryError('USAGE', {
      detail: `${labelled} labelled pictures are too few for a reference: at least ${config.monitor.least} (monitor.least)`,
    });
  const baseline: Baseline = { v: 1, name, version, createdAt: new Date().toISOString(), job, window };
  await putBaseline(ledger.store, baseline, { replace: options.replace });
  if (options.json) return printJson(baseline, context);
  const looked = window.histograms.brightness.reduce((sum, count) => sum + count, 0);
  if (job !== null && looked < labelled)
    await context.stderr.write(
      `note: brightness and sharpness of ${looked} of these pictures are known so far. Workers write what they measured within a minute after a job; run this again with --replace then\n`,
    );
  await context.stdout.write(
    `${name}@${version} is compared with ${labelled} pictures${job === null ? '' : ` of job ${job}`} from now on\n`,
  );
}

async function ofJob(
  ledger: JobLedger,
  id: string,
  { name, version }: { name: string; version: string },
  { signal }: CommandContext,
): Promise<Window> {
  const job = await ledger.read(id, signal);
  const { model } = job.pin;
  if (model.name !== name || model.version !== version)
    throw new RookeryError('USAGE', {
      detail: `job ${id} was done by ${model.name}@${model.version}, not by ${name}@${version}`,
    });
  return windowOfJob(ledger, job, signal);
}

/** The pin with most pictures: forms of one version are not mixed. */
async function ofFleet(ledger: JobLedger, name: string, since: string, { signal }: CommandContext): Promise<Window> {
  const windows = new Map<string, Window>();
  for await (const { window } of readWindows(ledger.store, { sinceMs: sinceOf(since, Date.now()), signal })) {
    if (window.name !== name) continue;
    const known = windows.get(window.model);
    windows.set(window.model, known ? mergeWindows(known, window) : window);
  }
  const [most] = [...windows.values()].sort((a, b) => b.pictures - a.pictures);
  if (most) return most;
  throw new RookeryError('USAGE', { detail: `no worker has written a window of ${name} since ${since}` });
}
