import { type Command, Option } from 'commander';
import type { CommandContext } from '../context.ts';
import type { WorkerCommandOptions } from '../fleet/run-worker.ts';
import { registryOption, requireSignedOption } from './registry-options.ts';

const description = `Runs a worker until it is stopped: leases tasks, reads their pictures, labels them in batches and writes the results.

SIGTERM: nothing more is leased, what is in flight is finished inside the grace period, the rest is handed back, exit 0. A second one
ends at once. Any number of workers may run beside each other.`;

export function register(program: Command, context: CommandContext): void {
  program
    .command('worker')
    .summary('run a worker of the fleet')
    .description(description)
    .option('--queue <address>', 'redis://host:port or sqs://name')
    .option('--queue-name <name>', 'the queues are <name>-events and <name>-jobs (default: rookery)')
    .option('--store <location>', 'where jobs and labels lie: s3://bucket/prefix or a folder')
    .option('--sources <list>', 'buckets and folders that tasks may name, separated by commas')
    .option('--s3-endpoint <url>', 'of an S3-compatible service')
    .option('--models <folder>', "the registry's folder")
    .addOption(registryOption())
    .addOption(requireSignedOption())
    .option('--model <ref>', 'load this model at once: the worker is ready when it is warm')
    .option('--warm-models <n>', 'models held at the same time (default: 2)')
    .option('--device <device>', 'cpu, or numbers of GPUs: 0 or 0,1 (default: cpu)')
    .option('--threads <n>', 'of the engine (default: chosen for this machine)')
    .option('--batch <n>', 'pictures the engine takes at a time (default: chosen for this machine)')
    .option('--lease <time>', 'how long a task is hidden from other workers (default: 60s)')
    .option('--lease-ahead <n>', 'pictures leased and not yet answered (default: 128)')
    .option('--grace <time>', 'how long work in flight may take after SIGTERM (default: 25s)')
    .option('--health-port <port>', 'serve /health/live, /health/ready and /metrics')
    .option('--health-host <host>', 'where they are served (default: 127.0.0.1)')
    .addOption(
      new Option('--tracker <where>', 'keep a run of what it does (default: none)').choices(['none', 'file', 'wandb']),
    )
    .option('--tracker-group <name>', 'runs that belong together (default: the name of the queue)')
    .option('--tag-events', "also write the top label of an event's picture as object tags")
    .option('--on-removed <what>', 'the label of a picture that is gone: delete or keep (default: delete)')
    .addHelpText(
      'after',
      '\nExample:\n  $ rookery worker --queue redis://127.0.0.1:6379 --store /srv/rookery --sources /srv/photos\n',
    )
    .action(async (options: WorkerCommandOptions) => {
      const { runWorker } = await import('../fleet/run-worker.ts');
      await runWorker(options, context);
    });
}
