import { type ModelManifest, RookeryError } from '@rookery/contracts';
import type { DataTypeName } from '../onnx/data-types.ts';
import type { ModelMessage } from '../onnx/messages.ts';
import { takesBytes } from './first-convolution.ts';
import type { ImportOptions, Range } from './import-options.ts';
import { followInput, type InputChain } from './input-chain.ts';
import { kerasFamily } from './keras-families.ts';
import { isFloatType, type ModelInput } from './model-input.ts';

export type Normalisation = ModelManifest['normalisation'];

const presets: Readonly<Record<Range, Pick<Normalisation, 'scale' | 'mean' | 'std'>>> = {
  '0..1': { scale: 1 / 255, mean: [0, 0, 0], std: [1, 1, 1] },
  '-1..1': { scale: 1 / 127.5, mean: [1, 1, 1], std: [1, 1, 1] },
  '0..255': { scale: 1, mean: [0, 0, 0], std: [1, 1, 1] },
  caffe: { scale: 1, mean: [123.68, 116.779, 103.939], std: [1, 1, 1] },
  imagenet: { scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
};

/** What the model's input wants, as far as it was said; the rest by the signs that the graph gives. */
export function normalisationOf(
  model: ModelMessage,
  input: ModelInput,
  options: ImportOptions,
  notes: string[],
): Normalisation {
  const chain = followInput(model.graph, input.name, input.layout);
  const channels = input.isGrey
    ? oneChannel(options, notes)
    : (options.channels ?? guessChannels(model, chain, options, notes));
  const explicit = options.scale !== undefined || options.mean !== undefined || options.std !== undefined;
  if (explicit && options.range !== undefined) {
    throw new RookeryError('USAGE', { detail: 'a range excludes scale, mean and std' });
  }
  const ordered = (triple: readonly number[]): number[] => (channels === 'bgr' ? triple.toReversed() : [...triple]);
  if (explicit) {
    const { mean = [0, 0, 0], std = [1, 1, 1] } = options;
    if (std.some((value) => !(value > 0)))
      throw new RookeryError('USAGE', { detail: `std ${std.join()} must be greater than 0` });
    const scale = options.scale ?? guessScale(mean, std, notes);
    return { layout: input.layout, channels, scale, mean: [...mean], std: [...std] };
  }
  if (input.type === 'int8' && options.range === undefined) {
    notes.push('range: -128..127 (the input is int8)');
    return { layout: input.layout, channels, scale: 1, mean: [128, 128, 128], std: [1, 1, 1] };
  }
  const range = options.range ?? guessRange(model, input, chain, notes);
  const { scale, mean, std } = presets[range];
  return { layout: input.layout, channels, scale, mean: ordered(mean), std: ordered(std) };
}

function guessScale(mean: readonly number[], std: readonly number[], notes: string[]): number {
  const small = Math.max(...mean.map(Math.abs), ...std) <= 4;
  notes.push(
    small
      ? 'scale: 1/255 (mean and std are those of values in 0 to 1)'
      : 'scale: 1 (mean and std are those of values in 0 to 255)',
  );
  return small ? 1 / 255 : 1;
}

function oneChannel({ channels }: ImportOptions, notes: string[]): 'rgb' {
  if (channels === 'bgr') throw new RookeryError('USAGE', { detail: 'a model of one channel has no order of colours' });
  notes.push('channels: one, the grey of a picture (0.299 red + 0.587 green + 0.114 blue)');
  return 'rgb';
}

/** Caffe's means, which grow from blue to red, give BGR away; so does the metadata that Windows ML reads. */
function guessChannels(model: ModelMessage, chain: InputChain, options: ImportOptions, notes: string[]): 'rgb' | 'bgr' {
  const format = model.metadataProps?.find(({ key }) => key === 'Image.BitmapPixelFormat')?.value;
  if (format) {
    const channels = /^bgr/i.test(format) ? 'bgr' : 'rgb';
    notes.push(`channels: ${channels} (the metadata say ${format})`);
    return channels;
  }
  if (options.range === 'caffe') {
    notes.push('channels: bgr (caffe has them so)');
    return 'bgr';
  }
  const family = kerasFamily(model);
  const isSaid = [options.range, options.scale, options.mean, options.std].some((value) => value !== undefined);
  if (family?.range === 'caffe' && !isSaid && isUntouched(chain) && !takesBytes(model.graph, chain.value)) {
    notes.push(`channels: bgr (a guess: what Keras' ${family.name} takes)`);
    return 'bgr';
  }
  // Of the input's own channels: the graph may turn them around itself.
  const ordered = chain.channels.toSorted((a, b) => a.from - b.from);
  const [first = 0, second = 0, third = 0] = ordered.map(({ scale, shift }) => -shift / scale);
  const bgr = first > 95 && first < 110 && second > 110 && second < 120 && third > 120 && third < 130;
  notes.push(
    bgr
      ? `channels: bgr (the graph subtracts ${[first, second, third].map((mean) => mean.toFixed(1)).join(', ')})`
      : 'channels: rgb (a guess)',
  );
  return bgr ? 'bgr' : 'rgb';
}

const isUntouched = ({ channels }: InputChain): boolean =>
  channels.every(({ scale, shift }) => scale === 1 && shift === 0);

/** How far the span of what the graph makes of a range is from what networks are trained on. */
function oddness(chain: InputChain, [low, high]: readonly [number, number]): number {
  const spans = chain.channels.map(({ scale }) => Math.abs(scale) * (high - low));
  const centres = chain.channels.map(({ scale, shift }) => Math.abs((scale * (high + low)) / 2 + shift));
  return Math.max(...spans.map((span) => Math.abs(Math.log2(span / 2)))) + Math.max(...centres);
}

/** What Windows ML's metadata call the ranges. */
const nominalRanges: ReadonlyMap<string, Range> = new Map([
  ['NominalRange_0_255', '0..255'],
  ['Normalized_0_1', '0..1'],
  ['Normalized_1_1', '-1..1'],
]);

function guessRange(model: ModelMessage, input: ModelInput, chain: InputChain, notes: string[]): Range {
  const nominal = model.metadataProps?.find(({ key }) => key === 'Image.NominalPixelRange')?.value ?? '';
  const named = nominalRanges.get(nominal);
  if (named) return noted(notes, named, `the metadata say ${nominal}`);
  if (!isFloatType(input.type)) return noted(notes, '0..255', `the input is ${input.type}`);
  const { channels } = chain;
  if (isUntouched(chain) && takesBytes(model.graph, chain.value))
    return noted(notes, '0..255', 'a guess: the first convolution has the weights for it');
  if (isUntouched(chain)) return guessByMaker(model, input.type, notes);
  // Means alone, in the hundreds: the values are those of files.
  if (channels.every(({ scale }) => scale === 1) && channels.some(({ shift }) => Math.abs(shift) > 10)) {
    return noted(notes, '0..255', 'the graph subtracts means');
  }
  const candidates: readonly [Range, readonly [number, number]][] = [
    ['0..1', [0, 1]],
    ['0..255', [0, 255]],
    ['-1..1', [-1, 1]],
  ];
  const [best] = candidates.toSorted(([, a], [, b]) => oddness(chain, a) - oddness(chain, b));
  return noted(notes, best?.[0] ?? '0..1', 'the graph scales its input itself');
}

function guessByMaker(model: ModelMessage, type: DataTypeName, notes: string[]): Range {
  const producer = model.producerName ?? '';
  const family = kerasFamily(model);
  if (family) return noted(notes, family.range, `a guess: what Keras' ${family.name} takes, the graph does not scale`);
  if (/pytorch/i.test(producer))
    return noted(notes, 'imagenet', `a guess: made by ${producer}, the graph does not normalise`);
  if (/tf2onnx|keras|tensorflow/i.test(producer))
    return noted(notes, '-1..1', `a guess: made by ${producer}, the graph does not scale`);
  return noted(notes, '0..1', `a guess: nothing tells; the input is ${type}`);
}

function noted(notes: string[], range: Range, why: string): Range {
  notes.push(`range: ${range} (${why})`);
  return range;
}
