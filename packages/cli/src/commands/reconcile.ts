import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import type { ReconcileCommandOptions } from '../produce/run-reconcile.ts';
import { registryOption, requireSignedOption } from './registry-options.ts';

const description = `Compares the pictures of a bucket or folder with their labels and enqueues those that have none, or that of another state.

For what events were to do: after it, losing all events and the whole queue has lost nothing. It costs two listings; labels are read
only where their time does not tell. (For a job: rookery jobs reconcile.)`;

export function register(program: Command, context: CommandContext): void {
  program
    .command('reconcile')
    .summary('compare pictures with labels, enqueue what is missing')
    .description(description)
    .argument('<source>', 's3://bucket/prefix or a folder')
    .option('--verify', 'read every label instead of trusting those that are younger than their picture')
    .option('--remove-orphans', 'delete labels whose picture is gone')
    .option('--suffixes <list>', 'endings that count, "*" for all (default: those of pictures)')
    .option('--top <n>', 'labels a picture (default: 3)')
    .option('--model <ref>', 'a registered model (default: content)')
    .option('--models <folder>', "the registry's folder")
    .addOption(registryOption())
    .addOption(requireSignedOption())
    .option('--variant <name>', 'another form of the model, such as int8')
    .option('--decode <mode>', 'exact, or fast: only as much as the model can see (default: as the model says)')
    .option('--queue <address>', 'redis://host:port or sqs://name')
    .option('--queue-name <name>', 'the queues are <name>-events and <name>-jobs (default: rookery)')
    .option('--store <location>', 'where jobs and labels lie: s3://bucket/prefix or a folder')
    .option('--s3-endpoint <url>', 'of an S3-compatible service')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ rookery reconcile s3://photos/2026/ --queue sqs://rookery --store s3://photos/rookery\n',
    )
    .action(async (source: string, options: ReconcileCommandOptions) => {
      const { runReconcile } = await import('../produce/run-reconcile.ts');
      await runReconcile(source, options, context);
    });
}
