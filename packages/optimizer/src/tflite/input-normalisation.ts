import type { ImportOptions, Range } from '../import/import-options.ts';
import { type ByteQuantisation, byteQuantisation } from './quantisation.ts';
import type { TfliteModel, TfliteTensor } from './tflite-model.ts';

type Normalisation = Pick<ImportOptions, 'range' | 'scale' | 'mean' | 'std'>;

/** What ranges reach from and to, as far as quantisers know. */
const reaches: readonly (readonly [Range, low: number, high: number])[] = [
  ['0..1', 0, 1],
  ['-1..1', -1, 1],
  ['0..255', 0, 255],
  ['imagenet', -2.118, 2.64],
];

/**
 * What the file says about its input, in this order: bytes are what its quantiser makes of them; the metadata; the range that its first
 * quantiser was calibrated for. Nothing where the options say it, or where the file does not.
 */
export function inputNormalisation(model: TfliteModel, options: ImportOptions, notes: string[]): Normalisation {
  const given = [options.range, options.scale, options.mean, options.std];
  const input = model.tensors[model.inputs[0] ?? -1];
  if (!input) return {};
  const bytes = byteQuantisation(input);
  // What was said may be what the bytes stand for; then pixels are the bytes, where that range would lie between two of them.
  const isOfBytes = bytes && options.range !== undefined && nearest(bytes) === options.range;
  if (given.some((value) => value !== undefined) && !isOfBytes) return {};
  if (bytes) {
    const mean = bytes.zeroPoint * bytes.scale;
    notes.push(`range: the input takes ${input.type}: (pixel - ${bytes.zeroPoint}) * ${short(bytes.scale)}`);
    return { scale: bytes.scale, mean: [mean, mean, mean], std: [1, 1, 1] };
  }
  if (model.normalisation) {
    const { mean, std } = model.normalisation;
    notes.push(`range: (pixel - ${mean.join(', ')}) / ${std.join(', ')} (the metadata say so)`);
    return { scale: 1, mean: triple(mean), std: triple(std) };
  }
  const first = firstQuantiser(model, input);
  const near = first && nearest(first);
  if (!near) return {};
  const [low, high] = [-first.zeroPoint * first.scale, (255 - first.zeroPoint) * first.scale];
  notes.push(`range: ${near} (the first quantiser takes ${low.toFixed(2)} to ${high.toFixed(2)})`);
  return { range: near };
}

const short = (value: number): string => String(Number(value.toPrecision(6)));

const triple = ([first = 0, second = first, third = first]: readonly number[]): readonly [number, number, number] => [
  first,
  second,
  third,
];

/** How the real numbers of the input become bytes, where that is the first thing that happens. */
function firstQuantiser({ operators, tensors }: TfliteModel, input: TfliteTensor): ByteQuantisation | undefined {
  const readers = operators.filter(({ inputs }) => inputs.includes(input.index));
  const [reader] = readers;
  if (readers.length !== 1 || reader?.name !== 'QUANTIZE') return undefined;
  const tensor = tensors[reader.outputs[0] ?? -1];
  return tensor && byteQuantisation(tensor);
}

/** The range that a quantiser covers within a tenth of it. */
function nearest({ scale, zeroPoint }: ByteQuantisation): Range | undefined {
  const off = ([, low, high]: (typeof reaches)[number]): number =>
    Math.max(Math.abs(-zeroPoint * scale - low), Math.abs((255 - zeroPoint) * scale - high)) / (high - low);
  const [best] = reaches.toSorted((a, b) => off(a) - off(b));
  return best && off(best) < 0.1 ? best[0] : undefined;
}
