import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';

export function register(program: Command, context: CommandContext): void {
  const bench = program
    .command('bench')
    .summary('measure this machine')
    .description('Measures this machine with the configured model.')
    .addHelpText('after', '\nExample:\n  $ rookery bench classify --seconds 5\n');
  bench
    .command('classify')
    .summary('pictures a second, and where the time goes')
    .description('Labels the same pictures from memory again and again: pictures a second, and where the time goes.')
    .argument('[picture...]', 'picture files (default: the photographs of the demo)')
    .option('--seconds <n>', 'how long (default: 5)', '5')
    .option('--model <ref|path>', 'a registered model, or a model file')
    .option('--labels <path>', 'labels of a model file')
    .option('--models <folder>', "the registry's folder")
    .option('--variant <name>', 'another form of the model, such as int8')
    .option('--decode <mode>', 'exact, or fast: only as much as the model can see (default: as the model says)')
    .option('--threads <n>', 'of the engine')
    .option('--batch <n>', 'pictures the engine takes at a time')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  $ rookery bench classify photos/*.jpg --model birds --seconds 10\n')
    .action(async (pictures: string[], options) => {
      const { runClassifyBench } = await import('../bench/classify.ts');
      await runClassifyBench(pictures, options, context);
    });
}
