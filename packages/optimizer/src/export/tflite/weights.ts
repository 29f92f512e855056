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

/** Writes weights and bias as real numbers. @returns their tensors. */
export function realWeights(tensors: Tensors, step: ConvStep | DenseStep): number[] {
  const { dims, values, axis } = arranged(step);
  const outputs = dims[axis] ?? 0;
  const bias = step.bias ?? new Float32Array(outputs);
  return [
    tensors.floats(`${step.output}/weights`, dims, values),
    tensors.floats(`${step.output}/bias`, [outputs], bias),
  ];
}

/** Writes them as bytes around 0, to the bit those of the graph, and the bias as int32 of matching scales. */
export function byteWeights(
  { file }: Tensors,
  step: ConvStep | DenseStep,
  scales: readonly number[],
  input: Bytes,
): number[] {
  const { dims, values, axis } = arranged(step);
  const outputs = dims[axis] ?? 0;
  const [first = 1] = scales;
  // Dense layers with a scale for each output are newer than others.
  const isOne = scales.length === 1 || (step.op === 'dense' && scales.every((scale) => scale === first));
  const own = isOne && step.op === 'dense' ? [first] : Array.from({ length: outputs }, (_, c) => scales[c] ?? first);
  const inner = axis === 0 ? values.length / outputs : 1;
  const codes = Int8Array.from(values, (value, at) =>
    Math.round(value / (own[Math.floor(at / inner) % own.length] ?? 1)),
  );
  const biasScales = own.map((scale) => Math.fround(input.scale.scale) * Math.fround(scale));
  const bias = Int32Array.from({ length: outputs }, (_, c) =>
    Math.round((step.bias?.[c] ?? 0) / (biasScales[c % biasScales.length] ?? 1)),
  );
  const zeros = own.map(() => 0);
  return [
    file.tensor({
      name: `${step.output}/weights`,
      shape: dims,
      type: 'int8',
      data: codes,
      scale: own,
      zeroPoint: zeros,
      axis,
    }),
    file.tensor({
      name: `${step.output}/bias`,
      shape: [outputs],
      type: 'int32',
      data: bias,
      scale: biasScales,
      zeroPoint: zeros,
    }),
  ];
}
