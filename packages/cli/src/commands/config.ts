import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';

export function register(program: Command, context: CommandContext): void {
  program
    .command('config')
    .summary('print the configuration in force and where it comes from')
    .description(
      'Prints every setting, its value and where it comes from: a flag, the environment, the file, the default. Secrets are hidden.',
    )
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  $ ROOKERY_TOP=5 rookery config --json\n')
    .action(async (options: { json?: boolean }) => {
      const { printConfig } = await import('../config/print.ts');
      await printConfig(context, { json: options.json === true });
    });
}
