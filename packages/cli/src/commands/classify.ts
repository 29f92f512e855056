import { type Command, Option } from 'commander';
import type { ClassifyCommandOptions } from '../classify/options.ts';
import type { CommandContext } from '../context.ts';
import { registryOption, requireSignedOption } from './registry-options.ts';

const description = `Labels pictures: files, folders, patterns, http(s) and s3:// addresses, or a list of them on stdin (-), one a line, or each
ended by NUL where the first one is (find -print0).

Results go to stdout in the order of the sources. A picture that cannot be labelled gets its error in its place.
Exit codes: 0 all labelled, 1 some failed, 2 usage, 3 no model.`;

const examples = `
Examples:
  $ rookery classify photos/ --recursive
  $ rookery classify bird.jpg https://example.org/cat.png --top 5 --format json
  $ find . -name '*.jpg' | rookery classify - --format jsonl > labels.jsonl
  $ rookery classify photos/ --model birds.onnx --labels birds.txt --annotate labelled/
  $ rookery classify bird.jpg --top 3 --explain looked/
`;

export function register(program: Command, context: CommandContext): void {
  program
    .command('classify')
    .summary('label pictures: files, folders, patterns, addresses')
    .description(description)
    .argument('<source...>', 'file, folder, pattern, http(s)://, s3://bucket/prefix/, or - for a list on stdin')
    .option('-r, --recursive', 'look into the folders of folders')
    .option('--model <ref|path>', 'a registered model, or a model file (default: content)')
    .option('--labels <path>', 'labels of a model file: .txt, .csv or .json')
    .option('--models <folder>', "the registry's folder")
    .addOption(registryOption())
    .addOption(requireSignedOption())
    .option('--variant <name>', 'another form of the model, such as int8')
    .option('--top <n>', 'labels a picture (default: 3)')
    .option('--threshold <score>', 'leave labels below this score out (default: 0)')
    .addOption(
      new Option('--format <format>', 'of the results').choices(['table', 'json', 'jsonl', 'csv']).default('table'),
    )
    .option('--output <file>', 'write the results there')
    .option('--save-labels <folder>', 'also a text file for each picture')
    .option('--annotate <folder>', 'also a copy of each picture with its labels drawn on it')
    .option('--explain <folder>', 'also where the model looked, for each label of each picture')
    .option('--device <device>', 'cpu, or numbers of GPUs: 0 or 0,1 (default: cpu)')
    .option(
      '--engine <engine>',
      'auto, onnx, tensorrt, tensorflow or openvino (default: auto, of several the fastest that agrees)',
    )
    .option('--fallback', 'take the processor, and say so, where the device cannot be used')
    .option('--threads <n>', 'of the engine (default: chosen for this machine)')
    .option('--batch <n>', 'pictures the engine takes at a time (default: chosen for this machine)')
    .option('--decode <mode>', 'exact, or fast: only as much as the model can see (default: as the model says)')
    .option('--max-pixels <n>', 'refuse larger pictures before decoding (default: 50000000)')
    .option('--report', 'where the time went, on stderr')
    .addHelpText('after', examples)
    .action(async (sources: string[], options: ClassifyCommandOptions) => {
      const { runClassify } = await import('../classify/run.ts');
      await runClassify(sources, options, context);
    });
}
