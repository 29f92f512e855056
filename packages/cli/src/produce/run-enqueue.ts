import { type Job, RookeryError } from '@rookery/contracts';
import { enqueueJob, finishPlanning, type JobRequest, newJobId, type RequestedSource } from '@rookery/producer';
import { integer, jobName, note } from '../config/kinds.ts';
import type { Config } from '../config.ts';
import type { CommandContext } from '../context.ts';
import { inSpan } from '../traces/in-span.ts';
import { tracerOf } from '../traces/tracer-of.ts';
import { Progress } from '../ui/progress.ts';
import { printEstimate } from './estimate.ts';
import { startFeeding } from './feeding.ts';
import { followJob } from './follow-job.ts';
import { parseFlag } from './parse-flag.ts';
import { parseSource, type SourceOptions } from './parse-source.ts';
import { openPin, openPlaces, type Places, type ProducerOptions, producerFlags } from './producer-parts.ts';
import { whyNone } from './why-none.ts';

export interface EnqueueCommandOptions extends ProducerOptions, SourceOptions {
  readonly job?: string;
  readonly since?: string;
  readonly taskSize?: string;
  readonly tag?: boolean;
  readonly note?: string;
  readonly dryRun?: boolean;
  readonly rate?: string;
  readonly wait?: boolean;
  /** `--no-feed`. */
  readonly feed: boolean;
  readonly json?: boolean;
}

/** `rookery enqueue`. Prints the job's name. */
export async function runEnqueue(
  sourceText: string | undefined,
  options: EnqueueCommandOptions,
  context: CommandContext,
): Promise<void> {
  const config = await context.config(producerFlags(options));
  const asked = sourceText === undefined ? undefined : await askedFor(sourceText, options, config, context);
  const named = asked ? bucketsNamed(asked.source) : await bucketsOf(options.job, config, context);
  await using places = await openPlaces(config, context, named);
  const { ledger, buckets } = places;
  const common = { ledger, open: (name: string) => buckets.open(name), signal: context.signal };
  if (options.dryRun) {
    if (!asked) throw new RookeryError('USAGE', { detail: '--dry-run needs a SOURCE' });
    await printEstimate(asked, { ...common, rate: parseFlag('--rate', integer(1), options.rate) }, options, context);
    return;
  }
  const log = await context.logger({ service: 'enqueue', stderr: context.verbose });
  await using tracer = await tracerOf(config, { service: 'enqueue', log });
  await using feeding = await startFeeding(config, ledger, { feed: options.feed, tracer, log });
  const progress = new Progress(context.stderr, {
    quiet: context.quiet,
    colour: context.colour.stderr,
    what: 'listed',
  });
  const planning = {
    ...common,
    feeder: feeding.feeder,
    tracer,
    onTasks: (files: readonly { resume: { taken: number } }[]) =>
      progress.update({ done: files.at(-1)?.resume.taken ?? 0, failed: 0 }),
  };
  const { job, sealed, summary } = asked
    ? await inSpan(tracer, 'enqueue job', ({ traceparent }) => enqueueJob({ ...asked, traceparent }, planning))
    : await finishPlanning(await jobToContinue(options.job, places), planning);
  progress.clear();
  const made = { job: job.id, tasks: sealed.tasks, pictures: sealed.pictures, ...(job.since && { since: job.since }) };
  await context.stdout.write(options.json ? `${JSON.stringify(made)}\n` : `${job.id}\n`);
  if (!context.quiet && !options.json)
    await context.stderr.write(
      told(
        job,
        sealed,
        { complete: summary !== undefined, feeds: feeding.feeder !== undefined, location: places.store.location },
        options,
      ),
    );
  if (options.wait) await followJob(ledger, job.id, context);
  else await feeding.feeder?.fed(job.id, context.signal);
}

async function askedFor(
  sourceText: string,
  options: EnqueueCommandOptions,
  config: Config,
  context: CommandContext,
): Promise<JobRequest> {
  if (options.shards && options.tag)
    throw new RookeryError('USAGE', { detail: '--tag: members of shards have no tags of their own' });
  const world = {
    cwd: context.cwd,
    stdin: context.stdin,
    suffixes: config.producer.suffixes,
    inPlace: options.dryRun,
  };
  const source = await parseSource(sourceText, options, world);
  const id = parseFlag('--job', jobName, options.job) ?? newJobId();
  return {
    id,
    source,
    pin: await openPin(config, context.cwd, id),
    top: config.classify.top,
    taskSize: parseFlag('--task-size', integer(1, 256), options.taskSize),
    since: options.since,
    tag: options.tag,
    note: parseFlag('--note', note, options.note),
  };
}

/** What SOURCE itself names may be read. */
function bucketsNamed(source: RequestedSource): string[] {
  const buckets = [allowed(source.bucket)];
  if (source.kind === 'manifest' && typeof source.manifest === 'string') buckets.push(holderOf(source.manifest));
  return buckets;
}

const allowed = (bucket: string): string => (bucket.startsWith('file:') ? bucket : `s3://${bucket}`);

/** The bucket or folder that an object at an address lies in. */
const holderOf = (address: string): string =>
  address.startsWith('s3://') ? address.split('/').slice(0, 3).join('/') : address.slice(0, address.lastIndexOf('/'));

async function bucketsOf(id: string | undefined, config: Config, context: CommandContext): Promise<string[]> {
  await using places = await openPlaces(config, context);
  const { source } = await jobToContinue(id, places);
  const manifest = source.kind === 'manifest' && source.manifest.includes('://') ? [holderOf(source.manifest)] : [];
  return [allowed(source.bucket), ...manifest];
}

function jobToContinue(id: string | undefined, { ledger }: Places): Promise<Job> {
  if (id === undefined)
    throw new RookeryError('USAGE', { detail: 'name a SOURCE, or a job to go on with: --job NAME' });
  return ledger.read(id);
}

function told(
  job: Job,
  { tasks, pictures }: { tasks: number; pictures: number },
  { complete, feeds, location }: { complete: boolean; feeds: boolean; location: string },
  options: EnqueueCommandOptions,
): string {
  const since = job.since
    ? `, taking over from ${job.since} what still holds`
    : options.since
      ? ', from the beginning'
      : '';
  const waiting =
    complete || feeds ? '' : '\nIts tasks wait in the store for a running `rookery up` or `rookery ingest`.';
  const next = complete ? 'Nothing is left to do: rookery jobs results' : 'To follow it: rookery jobs watch';
  const none = pictures === 0 ? `\n${whyNone(job.source, location)}` : '';
  return `${pictures} pictures in ${tasks} tasks${since}.${none}${waiting}\n${next} ${job.id}\n`;
}
