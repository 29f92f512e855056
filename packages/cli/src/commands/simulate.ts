import { type Command, Option } from 'commander';
import type { CommandContext } from '../context.ts';
import type { SimulateOptions } from '../plan/run-simulate.ts';

const description = `What the autoscaling would do: waiting times, workers, cost, for pictures that come as a trace says.

The policy is the one that the deployment on AWS and \`rookery fleet\` scale by. The same seed gives the same result.`;

export function register(program: Command, context: CommandContext): void {
  program
    .command('simulate')
    .summary('what the autoscaling would do with a load')
    .description(description)
    .option('--trace <name|file>', 'burst, diurnal, million, leak, or a file of {"atMs", "pictures"} lines', 'burst')
    .addOption(
      new Option('--preset <name>', 'the configuration to start from')
        .choices(['small', 'spot', 'gpu'])
        .default('small'),
    )
    .option('--min <n>', 'workers while nothing waits')
    .option('--max <n>', 'workers at most')
    .option('--backlog <n>', 'tasks a worker should have before it')
    .option('--rate <n>', 'pictures a second of one worker (default: 60)')
    .option('--task-size <n>', 'pictures a task (default: 256)')
    .option('--startup <time>', 'from the decision to a warm model (default: 45s)')
    .option('--delay <time>', "age of the queue's figures (default: 60s)")
    .option('--seed <n>', 'of the durations (default: 1)')
    .option('--plot <file>', 'write backlog and workers over time, as SVG')
    .option('--prices <file>', 'prices instead of those that come along')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  $ rookery simulate --trace million --preset spot --max 200 --plot fleet.svg\n')
    .action(async (options: SimulateOptions) => {
      const { runSimulate } = await import('../plan/run-simulate.ts');
      await runSimulate(options, context);
    });
}
