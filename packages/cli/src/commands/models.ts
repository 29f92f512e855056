import { type Command, Option } from 'commander';
import type { CommandContext } from '../context.ts';
import { registerAdd } from './models-add-options.ts';
import { registerExchange } from './models-exchange.ts';
import type { ExportFlags } from './models-export.ts';
import type { ModelsOptions } from './models-registry.ts';
import type { ReleaseOptions } from './models-release.ts';
import { registryOption } from './registry-options.ts';

const description = [
  'The registry: models under names, in versions that never change.',
  'A reference is name (its alias "production" if there is one, else the newest version), name:alias, name@version,',
  'a path to a folder with a manifest.json, or an address such as s3://bucket/models/name:alias.',
  'The registry is the folder of this machine, or what --registry or ROOKERY_REGISTRY names.',
].join(' ');

/** As the optimizer has them, which is loaded by what runs. */
const exportFormats = ['onnx', 'tfjs', 'savedmodel', 'tflite'];
const exportNotes = `
The input is RGB from 0 to 255, any number of pictures of the model's size:
scaling is part of the graph. It takes uint8, with tfjs int32, and float32 where
the model's own kernel gives fractions. labels.txt and rookery.json, which says
all this, are written beside it.
`;

/** `rookery models ...`: the work is imported by the action that runs. */
export function register(program: Command, context: CommandContext): void {
  const models = program
    .command('models')
    .summary('the registry of models: add, list, show, promote, roll back, push, pull')
    .description(description)
    .addHelpText('after', example('models add birds.onnx --name birds --labels birds.csv --alias production'));

  registerAdd(models, context);

  command(models, 'list', 'every model, its versions and aliases').action(async (options: ModelsOptions) => {
    const { listModels } = await import('./models-list.ts');
    await listModels(options, context);
  });

  command(models, 'show', 'what a version is and where it came from', 'models show birds:production')
    .argument('<ref>', 'a reference')
    .action(async (reference: string, options: ModelsOptions) => {
      const { showModel } = await import('./models-show.ts');
      await showModel(reference, options, context);
    });

  command(
    models,
    'export',
    'write a version as ONNX, TensorFlow.js, SavedModel or TensorFlow Lite, read back and compared',
    'models export birds:production --to tflite --output birds-tflite',
  )
    .argument('<ref>', 'a reference')
    .addOption(new Option('--to <format>', 'what it becomes').choices(exportFormats).makeOptionMandatory())
    .option('--variant <name>', "such as int8, which only TensorFlow Lite and ONNX have (default: the version's own)")
    .option('-o, --output <path>', 'a folder, or for ONNX and TensorFlow Lite a file (default: MODEL-FORMAT)')
    .option('--force', 'take the place of an earlier export')
    .addHelpText('after', exportNotes)
    .action(async (reference: string, options: ExportFlags) => {
      const { exportVersion } = await import('./models-export.ts');
      await exportVersion(reference, options, context);
    });

  command(
    models,
    'history',
    'when an alias was moved, by whom and why, oldest first',
    'models history birds:production',
  )
    .argument('<ref>', 'name or name:alias (default: the alias production)')
    .action(async (reference: string, options: ModelsOptions) => {
      const { showHistory } = await import('./models-history.ts');
      await showHistory(reference, options, context);
    });

  command(models, 'alias', 'let an alias name a version', 'models alias birds@0123456789ab production')
    .argument('<ref>', 'the version meant, such as birds@0123456789ab or birds:candidate')
    .argument('<alias>', 'such as production')
    .option('--expect <version>', 'move it only from this version; "none": only where there is no such alias yet')
    .option('--reason <text>', 'kept in the history of the alias')
    .option('--by <who>', 'kept with it (default: the user of this machine)')
    .action(async (reference: string, alias: string, options: ReleaseOptions) => {
      const { aliasModel } = await import('./models-change.ts');
      await aliasModel(reference, alias, options, context);
    });

  command(models, 'verify', 'check every file against its digest', 'models verify birds')
    .argument('[ref...]', 'references; all versions where none is given')
    .action(async (references: string[], options: ModelsOptions) => {
      const { verifyModels } = await import('./models-verify.ts');
      await verifyModels(references, options, context);
    });

  command(models, 'remove', 'remove a version', 'models remove birds@0123456789ab')
    .argument('<ref>', 'a reference')
    .option('--force', 'also where an alias names it; the alias goes too')
    .action(async (reference: string, options: ModelsOptions & { force?: boolean }) => {
      const { removeModel } = await import('./models-change.ts');
      await removeModel(reference, options, context);
    });

  registerExchange(models, (name, summary, line) => command(models, name, summary, line), context);
}

const command = (models: Command, name: string, summary: string, line = `models ${name}`): Command =>
  models
    .command(name)
    .summary(summary)
    .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`)
    .option('--models <folder>', "the registry's folder")
    .addOption(registryOption())
    .option('--json', 'as JSON')
    .addHelpText('after', example(line));

const example = (line: string): string => `\nExample:\n  $ rookery ${line}\n`;
