import { type Command, Option } from 'commander';
import type { CommandContext } from '../context.ts';
import type { CostOptions } from '../plan/run-cost.ts';

const description = `What labelling costs, line by line, from a measured speed and a file of prices that you can edit.`;

export function register(program: Command, context: CommandContext): void {
  program
    .command('cost')
    .summary('what labelling so many pictures costs')
    .description(description)
    .option('--pictures <n>', 'how many (default: 1000000)')
    .option('--rate <n>', 'pictures a second of one worker; `rookery bench classify` measures it (default: 60)')
    .option('--size <size>', 'of a picture (default: 16kB)')
    .option('--task-size <n>', 'pictures a task (default: 256)')
    .addOption(
      new Option('--worker <kind>', 'what runs it').choices(['fargate', 'fargate-spot', 'gpu']).default('fargate-spot'),
    )
    .option('--vcpu <n>', 'of a worker: 0.25, 0.5, 1, 2, 4, 8 or 16 (default: 1)')
    .option('--memory <gb>', 'of a worker (default: the least that Fargate has with so many vCPU)')
    .option('--idle <share>', 'of paid time in which nothing is computed (default: 0.1)')
    .addOption(new Option('--queue-kind <kind>', 'the queue').choices(['sqs', 'redis']).default('sqs'))
    .option('--prices <file>', 'prices instead of those that come along')
    .option('--print-prices', 'print the prices, to be edited')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ rookery cost --pictures 5000000 --rate 85\n  $ rookery cost --print-prices > prices.json\n',
    )
    .action(async (options: CostOptions) => {
      const { runCost } = await import('../plan/run-cost.ts');
      await runCost(options, context);
    });
}
