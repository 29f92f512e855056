import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import type { IngestCommandOptions } from '../produce/run-ingest.ts';
import { registryOption, requireSignedOption } from './registry-options.ts';

const description = `Runs until it is stopped: turns events of buckets into work, and keeps the tasks of all jobs coming.

Events are S3's notifications from an SQS queue (straight, by way of SNS or of EventBridge), or what happens in a folder. Labels appear as
labels/<bucket>/<key>.json. An event is forgotten only once its work is enqueued. What cannot be read is set aside with its reason below
jobs/.events/refused/ in the store.`;

export function register(program: Command, context: CommandContext): void {
  program
    .command('ingest')
    .summary('turn bucket events into work, as a service')
    .description(description)
    .option('--events <queue|folder>', "an SQS queue's name or https address, or a folder")
    .option('--on-removed <what>', 'the label of a picture that is gone: delete or keep (default: delete)')
    .option('--suffixes <list>', 'endings that count, "*" for all (default: those of pictures)')
    .option('--top <n>', 'labels a picture (default: 3)')
    .option('--model <ref>', 'a registered model (default: content)')
    .option('--models <folder>', "the registry's folder")
    .addOption(registryOption())
    .addOption(requireSignedOption())
    .option('--variant <name>', 'another form of the model, such as int8')
    .option('--decode <mode>', 'exact, or fast: only as much as the model can see (default: as the model says)')
    .option('--window <n>', 'tasks of a job enqueued and not done (default: 1000)')
    .option('--sources <list>', 'buckets and folders that events may name, separated by commas')
    .option('--queue <address>', 'redis://host:port or sqs://name')
    .option('--queue-name <name>', 'the queues are <name>-events and <name>-jobs (default: rookery)')
    .option('--store <location>', 'where jobs and labels lie: s3://bucket/prefix or a folder')
    .option('--s3-endpoint <url>', 'of an S3-compatible service')
    .addHelpText(
      'after',
      '\nExample:\n  $ rookery ingest --events photo-events --sources s3://photos --queue sqs://rookery --store s3://photos/rookery\n',
    )
    .action(async (options: IngestCommandOptions) => {
      const { runIngest } = await import('../produce/run-ingest.ts');
      await runIngest(options, context);
    });
}
