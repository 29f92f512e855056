import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';

export function register(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .summary('check this machine: Node, cores, engine, devices, models')
    .description(
      'Checks what Rookery needs on this machine, says what is missing and what to do. Exit code 1 where something is.',
    )
    .option('--models <folder>', "the registry's folder")
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  $ rookery doctor\n')
    .action(async (options: { models?: string; json?: boolean }) => {
      const { runDoctor } = await import('../doctor/run.ts');
      await runDoctor({ models: options.models, json: options.json === true }, context);
    });
}
