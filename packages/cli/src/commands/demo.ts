import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';

export function register(program: Command, context: CommandContext): void {
  program
    .command('demo')
    .summary('label nine photographs with the model that comes along')
    .description('Labels nine public-domain photographs with the model that comes along. Nothing is downloaded.')
    .option('--folder <folder>', 'where pictures and results go', '.rookery/demo')
    .addHelpText('after', '\nExample:\n  $ rookery demo\n')
    .action(async (options: { folder: string }) => {
      const { runDemo } = await import('../demo/run.ts');
      await runDemo(options, context);
    });
}
