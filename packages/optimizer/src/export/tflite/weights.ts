import type { ConvStep, DenseStep } from '../channels-last/steps.ts';
import { constantOf, permuted } from '../channels-last/value.ts';
import type { Bytes, Tensors } from './tensors.ts';

/** TFLite wants `[out, height, width, in]`, `[1, height, width, out]` where channels stay apart, `[out, in]` of a dense layer. */
function arranged({ op, weights: { dims, values } }: ConvStep | DenseStep): {
  dims: readonly number[];
  values: Float32Array;
  axis: number;
} {
  if (op === 'conv') return { ...permuted(constantOf(dims, values), [3, 0, 1, 2]), axis: 0 };
  if (op === 'dense') return { ...permuted(constantOf(dims, values), [1, 0]), axis: 0 };
  const [height = 1, width = 1, channels = 1, each = 1] = dims;
  return { dims: [1, height, width, channels * each], values, axis: 3 };
}

/** Writes weights and bias as real numbers; weights that are bytes are kept as bytes and made real once. @returns their tensors. */
export function realWeights(tensors: Tensors, step: ConvStep | DenseStep): number[] {
  const { dims, values, axis } = arranged(step);
  const outputs = dims[axis] ?? 0;
  const bias = tensors.floats(`${step.output}/bias`, [outputs], step.bias ?? new Float32Array(outputs));
  const codes = step.scales && codesOf(step, step.scales);
  if (!codes?.isExact) return [tensors.floats(`${step.output}/weights`, dims, values), bias];
  const real = { name: `${step.output}/weights`, shape: dims };
  return [tensors.file.operator('DEQUANTIZE', [writeCodes(tensors, step, codes)], real), bias];
}

/** Writes them as bytes around 0, to the bit those of the graph, and the bias as int32 of matching scales. */
export function byteWeights(
  tensors: Tensors,
  step: ConvStep | DenseStep,
  scales: readonly number[],
  input: Bytes,
): number[] {
  const codes = codesOf(step, scales);
  const outputs = codes.dims[codes.axis] ?? 0;
  const biasScales = codes.scale.map((scale) => Math.fround(input.scale.scale) * Math.fround(scale));
  const bias = Int32Array.from({ length: outputs }, (_, c) =>
    Math.round((step.bias?.[c] ?? 0) / (biasScales[c % biasScales.length] ?? 1)),
  );
  return [
    writeCodes(tensors, step, codes),
    tensors.file.tensor({
      name: `${step.output}/bias`,
      shape: [outputs],
      type: 'int32',
      data: bias,
      scale: biasScales,
      zeroPoint: biasScales.map(() => 0),
    }),
  ];
}

/** Weights as signed bytes around 0. */
interface Codes {
  readonly dims: readonly number[];
  readonly axis: number;
  readonly values: Int8Array;
  readonly scale: readonly number[];
  /** Whether they stand for the very numbers of the graph. */
  readonly isExact: boolean;
}

function codesOf(step: ConvStep | DenseStep, scales: readonly number[]): Codes {
  const { dims, values, axis } = arranged(step);
  const outputs = dims[axis] ?? 0;
  const [first = 1] = scales;
  // Dense layers with a scale for each output are newer than others.
  const isOne = step.op === 'dense' && scales.every((scale) => scale === first);
  const scale = isOne ? [first] : Array.from({ length: outputs }, (_, c) => scales[c] ?? first);
  const inner = axis === 0 ? values.length / outputs : 1;
  const codes = new Int8Array(values.length);
  let isExact = true;
  for (let at = 0; at < codes.length; at += 1) {
    const own = scale[Math.floor(at / inner) % scale.length] ?? 1;
    const code = Math.round((values[at] ?? 0) / own);
    codes[at] = code;
    isExact &&= Math.fround(code * own) === values[at];
  }
  return { dims, axis, values: codes, scale, isExact };
}

const writeCodes = (
  { file }: Tensors,
  { output }: ConvStep | DenseStep,
  { dims, axis, values, scale }: Codes,
): number =>
  file.tensor({
    name: `${output}/codes`,
    shape: dims,
    type: 'int8',
    data: values,
    scale,
    zeroPoint: scale.map(() => 0),
    axis,
  });
