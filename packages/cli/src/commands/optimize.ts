import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import type { OptimizeOptions } from '../optimize/options.ts';
import type { Int8Flags, PruneFlags } from '../optimize/recipes.ts';
import type { TuneOptions } from '../optimize/run-tune.ts';
import { registryOption } from './registry-options.ts';

const description = `Makes faster or smaller forms of a registered model. Each is published as one more variant in a new version, with a report (HTML and JSON) that says what it gained and what it cost on pictures that were not used to make it.`;

/** `rookery optimize ...`: the work is imported by the action that runs. */
export function register(program: Command, context: CommandContext): void {
  const optimize = program
    .command('optimize')
    .summary('faster or smaller forms of a model: int8, fp16, pruned')
    .description(description)
    .addHelpText('after', '\nExample:\n  $ rookery optimize int8 birds --calibrate photos/ --alias canary\n');

  withFlags(optimize.command('int8'))
    .summary('weights and values as bytes')
    .description(
      'Weights and values as bytes, with scales found with your pictures. Layers that suffer stay in float32.',
    )
    .requiredOption(
      '--calibrate <picture...>',
      'pictures, folders, patterns: some hundreds of the kind it is going to see',
    )
    .option(
      '--agreement <share>',
      'of the pictures that must keep their label; else layers stay in float32 (default: 0.99)',
    )
    .option('--method <name>', 'how ranges are chosen: auto, min-max, percentile, entropy, mse (default: auto)')
    .addHelpText('after', '\nExample:\n  $ rookery optimize int8 birds --calibrate photos/ --check other-photos/\n')
    .action(async (model: string, options: OptimizeOptions & Int8Flags) => {
      const [{ runOptimize }, { int8Recipe }] = await load();
      await runOptimize(model, int8Recipe(options), options, context);
    });

  withFlags(optimize.command('fp16'))
    .summary('weights stored in half precision')
    .description('Weights stored in half precision and computed in float32: half the size, the same speed.')
    .addHelpText('after', '\nExample:\n  $ rookery optimize fp16 birds --check photos/\n')
    .action(async (model: string, options: OptimizeOptions) => {
      const [{ runOptimize }, { fp16Recipe }] = await load();
      await runOptimize(model, fp16Recipe(), options, context);
    });

  withFlags(optimize.command('prune'))
    .summary('channels or weights that matter little, removed')
    .description(
      'Removes channels, what remains making up for them with your pictures; or sets single weights to 0, which compresses, and is faster only on hardware for it.',
    )
    .option('--calibrate <picture...>', 'with --channels and --speed: pictures of the kind it is going to see')
    .option('--channels <share>', 'of the multiplications that are to go: 0.05 is often free, more rarely is')
    .option('--speed <times>', 'as fast as it is to become, with as few channels less as that takes on this machine')
    .option('--weights <share|2:4>', 'of the weights of each layer; or two of each four')
    .addHelpText('after', '\nExample:\n  $ rookery optimize prune birds --channels 0.05 --calibrate photos/\n')
    .action(async (model: string, options: OptimizeOptions & PruneFlags) => {
      const [{ runOptimize }, { pruneRecipe }] = await load();
      await runOptimize(model, pruneRecipe(options), options, context);
    });

  optimize
    .command('tune')
    .summary('what runs fastest on this machine, and still agrees')
    .description(
      'Runs every variant of a version with every engine that is here, several numbers of threads and batches, and says which is the fastest that keeps the labels.',
    )
    .argument('<model>', 'a registered model: name, name:alias or name@version')
    .option('--check <picture...>', 'pictures whose labels must stay (default: the demo photographs)')
    .option('-r, --recursive', 'folders with all that is below them')
    .option('--agreement <share>', 'of the pictures that must keep their label (default: 0.99)')
    .option('--seconds <n>', 'how long all of it is measured, loading apart (default: 60)')
    .option('--report <folder>', 'where the table and the plot go (default: MODEL-tune-report)')
    .option('--models <folder>', "the registry's folder")
    .addOption(registryOption())
    .option('--json', 'the report as JSON')
    .addHelpText('after', '\nExample:\n  $ rookery optimize tune birds --check photos/\n')
    .action(async (model: string, options: TuneOptions) => {
      const { runTune } = await import('../optimize/run-tune.ts');
      await runTune(model, options, context);
    });
}

const load = () => Promise.all([import('../optimize/run.ts'), import('../optimize/recipes.ts')]);

const withFlags = (command: Command): Command =>
  command
    .argument('<model>', 'a registered model: name, name:alias or name@version')
    .option('--check <picture...>', 'pictures to compare with (default: half of those given, or the demo photographs)')
    .option('-r, --recursive', 'folders with all that is below them')
    .option('--from <variant>', 'what it is made of (default: fp32)')
    .option('--as <variant>', 'the name of what is made')
    .option('--default', 'make it the default variant of the new version')
    .option('--alias <name>', 'let this alias name the new version (int8: if it agrees as asked)')
    .option('--report <folder>', 'where the report goes (default: MODEL-VARIANT-report)')
    .option('--threads <n>', 'of the engine, where speed is measured (default: all cores)')
    .option('--seconds <n>', 'how long speed is measured (default: 8)')
    .option('--models <folder>', "the registry's folder")
    .addOption(registryOption())
    .option('--json', 'the report as JSON');
