import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { registerAdd } from './models-add-options.ts';
import { registerExchange } from './models-exchange.ts';
import type { ModelsOptions } from './models-registry.ts';
import { registryOption } from './registry-options.ts';

const description = [
  'The registry: models under names, in versions that never change.',
  'A reference is name (its alias "production" if there is one, else the newest version), name:alias, name@version,',
  'a path to a folder with a manifest.json, or an address such as s3://bucket/models/name:alias.',
  'The registry is the folder of this machine, or what --registry or ROOKERY_REGISTRY names.',
].join(' ');

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

  command(models, 'alias', 'let an alias name a version', 'models alias birds@0123456789ab production')
    .argument('<ref>', 'the version meant, such as birds@0123456789ab or birds:candidate')
    .argument('<alias>', 'such as production')
    .option('--expect <version>', 'move it only from this version; "none": only where there is no such alias yet')
    .action(async (reference: string, alias: string, options: ModelsOptions & { expect?: string }) => {
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
