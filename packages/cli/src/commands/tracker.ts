import { type Command, Option } from 'commander';
import type { CommandContext } from '../context.ts';

const description = `Runs of workers that were started with --tracker: those kept as files, and what waits to be sent to Weights & Biases.`;

export function register(program: Command, context: CommandContext): void {
  const tracker = program
    .command('tracker')
    .summary('tracked runs: status, flush, export')
    .description(description)
    .addHelpText('after', '\nExamples:\n  $ rookery tracker status\n  $ rookery tracker export 3f9a1c07 > run.csv\n');
  tracker
    .command('status')
    .summary('runs kept as files, and what waits for Weights & Biases')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  $ rookery tracker status\n')
    .action(async (options: { readonly json?: boolean }) => {
      const { runTrackerStatus } = await import('../tracking/run-tracker-status.ts');
      await runTrackerStatus(options, context);
    });
  tracker
    .command('flush')
    .summary('send what waits for Weights & Biases')
    .option('--timeout <time>', 'give up after it (default: 60s)')
    .addHelpText('after', '\nExample:\n  $ rookery tracker flush --timeout 10m\n')
    .action(async (options: { readonly timeout?: string }) => {
      const { runTrackerFlush } = await import('../tracking/run-tracker-flush.ts');
      await runTrackerFlush(options, context);
    });
  tracker
    .command('export')
    .summary("a run's history, of those kept as files")
    .argument('<run>', 'its id, as status has it')
    .addOption(new Option('--format <format>', 'how').choices(['csv', 'jsonl']).default('csv'))
    .addHelpText('after', '\nExample:\n  $ rookery tracker export 3f9a1c07 > run.csv\n')
    .action(async (run: string, options: { readonly format: 'csv' | 'jsonl' }) => {
      const { runTrackerExport } = await import('../tracking/run-tracker-export.ts');
      await runTrackerExport(run, options, context);
    });
}
