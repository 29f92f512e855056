import { type Command, Option } from 'commander';
import type { CommandContext } from '../context.ts';
import type { AddOptions } from './models-add-flags.ts';
import { registryOption } from './registry-options.ts';

const description = [
  'Adds a model: an ONNX, TFLite or frozen TensorFlow file, a folder with a SavedModel or a TensorFlow.js model, a name of the catalogue (birds, insects, imagenet, imagenet-small), which is downloaded and verified, or an artifact of Weights & Biases that holds one of these.',
  'What the file does not say about its input is taken from the options, or guessed; guesses are printed.',
  'The same model is one version however often it is added.',
].join(' ');

const examples = `
Examples:
  $ rookery models add birds.onnx --name birds --labels labelmap.csv --range 0..1 --alias production
  $ rookery models add birds --alias production
  $ rookery models add exported/my-savedmodel --name flowers --labels flowers.txt --range=-1..1
  $ rookery models add wandb://hdnh2006/bird_classifier/model_w5cxp2z2:v0 --labels birds.csv
  $ rookery models add resnet50.onnx --name resnet --labels imagenet.txt --range imagenet --activation softmax
`;

/** Declares `rookery models add`. */
export function registerAdd(models: Command, context: CommandContext): void {
  models
    .command('add')
    .summary('add a model from a file, or from the catalogue by its name')
    .description(description)
    .argument(
      '<file>',
      'an ONNX, TFLite, Keras or .pb file, a folder (SavedModel, TensorFlow.js, or one such file), a name of the catalogue, or wandb://entity/project/artifact:alias',
    )
    .option('--name <name>', "the model's name (default: that of the file)")
    .option(
      '--labels <file>',
      '.txt with one a line, .csv with id,name, or .json (default: those beside the model, or inside it)',
    )
    .option('--alias <alias>', 'let this alias name the version, such as production')
    .addOption(choice('--layout <layout>', "of the model's own input", ['nhwc', 'nchw']))
    .addOption(choice('--channels <order>', 'of its colours', ['rgb', 'bgr']))
    .addOption(choice('--range <range>', 'that it expects pixels in', ['0..1', '-1..1', '0..255', 'imagenet', 'caffe']))
    .option('--scale <number>', 'instead of a range: (pixel * scale - mean) / std, pixels from 0 to 255')
    .option('--mean <r,g,b>', 'per channel, in the order of the channels; one number is that of each')
    .option('--std <r,g,b>', 'per channel, as the mean')
    .option('--width <pixels>', 'of the input, where the file leaves it open')
    .option('--height <pixels>', 'of the input')
    .addOption(choice('--resize <mode>', 'how pictures get there', ['stretch', 'cover', 'contain']))
    .addOption(
      choice('--kernel <kernel>', 'that the model was trained with', [
        'lanczos3',
        'cubic',
        'linear',
        'nearest',
        'bilinear-half-pixel',
        'bilinear-align-corners',
      ]),
    )
    .addOption(
      choice('--activation <name>', 'still to be applied to its output', ['auto', 'none', 'softmax', 'sigmoid']),
    )
    .option('--output-name <name>', 'of the scores, where the model has several outputs')
    .option('--default-variant <name>', 'of a quantised TFLite file, which gives fp32 and int8 (default: fp32)')
    .option('--licence <licence>', 'an SPDX identifier, kept in the manifest')
    .option('--models <folder>', "the registry's folder")
    .addOption(registryOption())
    .option('--json', 'as JSON')
    .addHelpText('after', examples)
    .action(async (file: string, options: AddOptions) => {
      const { addModel } = await import('./models-add.ts');
      await addModel(file, options, context);
    });
}

const choice = (flags: string, what: string, choices: readonly string[]): Option =>
  new Option(flags, what).choices([...choices]);
