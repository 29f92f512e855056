import { type Command, Option } from 'commander';
import type { CommandContext } from '../context.ts';
import type { EnqueueCommandOptions } from '../produce/run-enqueue.ts';
import { registryOption, requireSignedOption } from './registry-options.ts';

const description = `Makes a job: lists its pictures into tasks, puts those on the queue, and prints the job's name.

SOURCE is s3://bucket/prefix, a folder, a list of keys (.txt, .csv, the manifest.json of an S3 Inventory), or - for keys on stdin.
Killed at any moment, it goes on with --job NAME: no picture is lost or done twice. It ends once all tasks are enqueued; a bounded number
is enqueued at a time, so for a large job it stays until workers have come near the end (or use --no-feed where an ingest runs).`;

const examples = `
Examples:
  $ rookery enqueue s3://photos/2026/ --queue sqs://rookery --store s3://photos/rookery
  $ rookery enqueue photos/ --since latest --dry-run
  $ rookery enqueue keys.csv --bucket s3://photos --job retouch-7
  $ rookery enqueue 's3://photos/shards/*.tar' --shards
  $ rookery enqueue --job retouch-7
`;

export function register(program: Command, context: CommandContext): void {
  program
    .command('enqueue')
    .summary('make a job of a bucket, a folder or a list')
    .description(description)
    .argument('[source]', 's3://bucket/prefix, a folder, a list of keys, or - for keys on stdin')
    .option('--job <name>', 'name of the job; one that exists is gone on with')
    .addOption(
      new Option('--manifest <format>', 'SOURCE is a list in this format').choices(['lines', 'csv', 'inventory']),
    )
    .option('--shards', 'SOURCE is tar files: all below it, or those that a pattern such as shards/*.tar names')
    .option('--bucket <bucket>', 'the bucket (s3://name) or folder that the keys of a list lie in')
    .option('--suffixes <list>', 'endings that count, "*" for all (default: those of pictures)')
    .option('--glob <pattern>', 'only keys that match, below the prefix')
    .option('--min-size <size>', 'only objects of at least this size, such as 10kB')
    .option('--max-size <size>', 'only objects of at most this size')
    .option('--modified-after <time>', 'only objects changed after this, such as 2026-01-31 or 2026-01-31T12:00:00Z')
    .option('--modified-before <time>', 'only objects changed before this')
    .option('--sample <share>', 'only this share of the pictures, the same ones each time, such as 0.01')
    .option('--limit <n>', 'only so many pictures')
    .option(
      '--since <job>',
      'take over what still holds from this job, or from the latest; of a list what has its etag',
    )
    .option('--task-size <n>', 'pictures a task, up to 256 (default: chosen so that 16 tasks can be shared out)')
    .option('--top <n>', 'labels a picture (default: 3)')
    .option('--tag', 'also write the top label as object tags, beside those that are there')
    .option('--note <text>', 'kept with the job')
    .option('--dry-run', 'only count: pictures, bytes, requests and what they cost, time')
    .option('--rate <n>', 'with --dry-run: pictures a second that all workers together do')
    .option('--wait', 'until the job is complete, with a progress bar')
    .option('--no-feed', 'only plan: tasks are enqueued by a running `rookery ingest` or `rookery up`')
    .option('--json', 'as JSON')
    .option('--model <ref>', 'a registered model (default: content)')
    .option('--models <folder>', "the registry's folder")
    .addOption(registryOption())
    .addOption(requireSignedOption())
    .option('--variant <name>', 'another form of the model, such as int8')
    .option('--decode <mode>', 'exact, or fast: only as much as the model can see (default: as the model says)')
    .option('--window <n>', 'tasks enqueued and not done (default: 1000)')
    .option('--queue <address>', 'redis://host:port or sqs://name')
    .option('--queue-name <name>', 'the queues are <name>-events and <name>-jobs (default: rookery)')
    .option('--store <location>', 'where jobs and labels lie: s3://bucket/prefix or a folder')
    .option('--s3-endpoint <url>', 'of an S3-compatible service')
    .addHelpText('after', examples)
    .action(async (source: string | undefined, options: EnqueueCommandOptions) => {
      const { runEnqueue } = await import('../produce/run-enqueue.ts');
      await runEnqueue(source, options, context);
    });
}
