import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import type { FleetCommandOptions } from '../fleet/run-fleet.ts';

const description = `Runs workers on this machine, as many as there is work for: from none to --max, and back.

The policy is the one that \`rookery simulate\` tries out and that the deployment on AWS scales by. A worker that dies is replaced; one that is too many finishes what it has.
What stands after -- is given to each worker.`;

export function register(program: Command, context: CommandContext): void {
  program
    .command('fleet')
    .summary('workers on this machine, as many as there is work for')
    .description(description)
    .argument('[worker options...]', 'after --: as for rookery worker')
    .option('--min <n>', 'workers while nothing waits (default: 0)')
    .option('--max <n>', 'workers at most (default: 4)')
    .option('--backlog <n>', 'tasks a worker should have before it (default: 2)')
    .option('--period <time>', 'how often the queue is looked at (default: 2s)')
    .option('--cooldown <time>', 'how long after a change no worker is let go (default: 30s)')
    .option('--queue <address>', 'redis://host:port or sqs://name')
    .option('--queue-name <name>', 'the queues are <name>-events and <name>-jobs (default: rookery)')
    .option('--store <location>', 'where jobs and labels lie: s3://bucket/prefix or a folder')
    .option('--sources <list>', 'buckets and folders that tasks may name, separated by commas')
    .addHelpText(
      'after',
      '\nExample:\n  $ rookery fleet --max 8 --queue redis://127.0.0.1:6379 --store /srv/rookery --sources /srv/photos -- --model birds\n',
    )
    .action(async (workerOptions: string[], options: FleetCommandOptions) => {
      const { runFleet } = await import('../fleet/run-fleet.ts');
      await runFleet(workerOptions, options, context);
    });
}
