import { type Command, Option } from 'commander';
import type { CommandContext } from '../context.ts';
import type { CreateOptions, DeadOptions, QueueCommandOptions } from '../fleet/queue-commands.ts';

const description = `The queue as its server knows it, and the dead letters: tasks that were given up, with their reasons. What is said here is the
same for Redis and SQS. Nothing depends on a dead letter: what became of its pictures stands in the results.`;

const creating = `Makes <name>-events and <name>-jobs in SQS, each with a queue for its dead letters, and leaves alone what is there already. Redis
needs nothing made: this only proves that it answers.`;

/** `rookery queue ...`: the work is imported by the action that runs. */
export function register(program: Command, context: CommandContext): void {
  const queue = program
    .command('queue')
    .summary('the queue and its dead letters: create, show, dead, redrive, purge')
    .description(description)
    .addHelpText('after', example('queue show'));

  command(queue, 'create', 'make the queues of SQS that are missing', 'queue create --queue sqs://rookery', [])
    .description(creating)
    .action(async (options: CreateOptions) => {
      const { createQueues } = await import('../fleet/queue-commands.ts');
      await createQueues(options, context);
    });

  command(queue, 'show', 'how much waits, is being done, was given up').action(async (options: QueueCommandOptions) => {
    const { showQueues } = await import('../fleet/queue-commands.ts');
    await showQueues(options, context);
  });

  command(queue, 'dead', 'dead letters with their reasons; they stay where they are', 'queue dead --limit 5')
    .argument('[id]', 'only this one, with its whole message')
    .option('--limit <n>', 'at most so many of each queue (default: 50)')
    .action(async (id: string | undefined, options: DeadOptions) => {
      const { listDead } = await import('../fleet/queue-commands.ts');
      await listDead(id, options, context);
    });

  command(queue, 'redrive', 'send dead letters again, with a fresh count of attempts', 'queue redrive --all')
    .argument('[ids...]', 'as `rookery queue dead` prints them')
    .option('--all', 'all of them')
    .action(async (ids: string[], options: DeadOptions) => {
      const { redriveDead } = await import('../fleet/queue-commands.ts');
      await redriveDead(ids, options, context);
    });

  command(queue, 'purge', 'forget dead letters', 'queue purge --lane events --all')
    .argument('[ids...]', 'as `rookery queue dead` prints them')
    .option('--all', 'all of them')
    .action(async (ids: string[], options: DeadOptions) => {
      const { purgeDead } = await import('../fleet/queue-commands.ts');
      await purgeDead(ids, options, context);
    });
}

const example = (line: string): string => `\nExample:\n  $ rookery ${line}\n`;

const oneLane = new Option('--lane <lane>', 'only one of the two queues').choices(['events', 'jobs']);

const command = (
  queue: Command,
  name: string,
  summary: string,
  line = `queue ${name}`,
  own: readonly Option[] = [oneLane],
): Command =>
  own
    .reduce((made, option) => made.addOption(option), queue.command(name))
    .summary(summary)
    .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`)
    .option('--queue <address>', 'redis://host:port or sqs://name')
    .option('--queue-name <name>', 'the queues are <name>-events and <name>-jobs (default: rookery)')
    .option('--json', 'as JSON')
    .addHelpText('after', example(line));
