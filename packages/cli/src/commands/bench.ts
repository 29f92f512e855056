import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';

export function register(program: Command, context: CommandContext): void {
  const bench = program
    .command('bench')
    .summary('measure this machine')
    .description('Measures this machine with the configured model.')
    .addHelpText('after', '\nExample:\n  $ rookery bench classify --seconds 5\n');

  const measuring = (name: string, summary: string, description: string, seconds: string): Command =>
    bench
      .command(name)
      .summary(summary)
      .description(description)
      .argument('[picture...]', 'picture files (default: the photographs of the demo)')
      .option('--seconds <n>', 'how long, in seconds', seconds)
      .option('--model <ref|path>', 'a registered model, or a model file')
      .option('--labels <path>', 'labels of a model file')
      .option('--models <folder>', "the registry's folder")
      .option('--variant <name>', 'another form of the model, such as int8')
      .option('--decode <mode>', 'exact, or fast: only as much as the model can see (default: as the model says)')
      .option('--threads <n>', 'of the engine')
      .option('--batch <n>', 'pictures the engine takes at a time')
      .option('--json', 'as JSON');

  measuring(
    'classify',
    'pictures a second, and where the time goes',
    'Labels the same pictures from memory again and again: pictures a second, and where the time goes.',
    '5',
  )
    .addHelpText('after', '\nExample:\n  $ rookery bench classify photos/*.jpg --model birds --seconds 10\n')
    .action(async (pictures: string[], options) => {
      const { runClassifyBench } = await import('../bench/classify.ts');
      await runClassifyBench(pictures, options, context);
    });

  measuring(
    'profile',
    "the engine's operators, and how near they are to what the machine can do",
    `Labels pictures, runs the graph under the engine's own profiler, and measures what this machine can do at best (products of matrices, memory): each
operator's time, and the share of it that this roof explains. Each of the three takes --seconds.`,
    '3',
  )
    .addHelpText('after', '\nExample:\n  $ rookery bench profile --model birds --variant int8 --batch 8\n')
    .action(async (pictures: string[], options) => {
      const { runProfile } = await import('../bench/profile.ts');
      await runProfile(pictures, options, context);
    });
}
