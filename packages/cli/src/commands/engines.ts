import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import type { InstallOptions } from '../engines/install.ts';

export function register(program: Command, context: CommandContext): void {
  const engines = program
    .command('engines')
    .summary('what runs models here: list, install')
    .description(
      'ONNX Runtime comes along. TensorFlow and OpenVINO are installed into the folder ROOKERY_ENGINES when asked for.',
    )
    .addHelpText('after', '\nExample:\n  $ rookery engines list\n');
  engines
    .command('list')
    .summary('each engine: there or missing, and what to do')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  $ rookery engines list\n')
    .action(async (options: { json?: boolean }) => {
      const { listEngines } = await import('../engines/list.ts');
      await listEngines(options.json === true, context);
    });
  engines
    .command('install')
    .summary('tensorflow (npm, Python’s pip, g++) or openvino (npm, pip)')
    .argument('<engine>', 'tensorflow or openvino')
    .option('--libtensorflow <folder>', 'build against the TensorFlow of this folder instead of fetching one')
    .addHelpText('after', '\nExample:\n  $ rookery engines install openvino\n')
    .action(async (engine: string, options: InstallOptions) => {
      const { installEngine } = await import('../engines/install.ts');
      await installEngine(engine, options, context);
    });
}
