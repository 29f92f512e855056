import { DataType } from '../onnx/data-types.ts';
import type { Constant, OperatorContext } from './operator-context.ts';

/** Weights in ONNX's order, output channels first. */
export interface Kernel {
  readonly values: Float32Array;
  readonly dims: readonly number[];
  readonly bias: Float32Array | undefined;
  /** The file's own scale of each output channel, where its weights are bytes. */
  readonly scales: readonly number[] | undefined;
}

const fits = (code: number): boolean => code >= -128 && code <= 127;

/** Largest size of a 32-bit bias, with a bit to spare for what is added to it. */
const maxBias = 2 ** 30;

/** The file's own scales of `channels` output channels along `axis`, where its weights are bytes. */
export function ownScales({ tensor }: Constant, axis: number, channels: number): readonly number[] | undefined {
  const { type, quantisation } = tensor;
  if ((type !== 'int8' && type !== 'uint8') || !quantisation) return undefined;
  const [only = 1] = quantisation.scale;
  if (quantisation.scale.length === 1) return Array.from({ length: channels }, () => only);
  return quantisation.axis === axis ? quantisation.scale : undefined;
}

/**
 * Adds weights and bias as constants: float32, or, where the operator's input and output are bytes, as int8 around 0 with a scale for each
 * output channel and an int32 bias of matching scales. Bytes around 0 are what integer kernels are fast with. A channel whose weights
 * are whole multiples of the file's scale within a signed byte keeps them to the bit, wherever the file's zero point is; only others are
 * quantised again from their real values.
 * @returns the values' names, weights first.
 */
export function writeKernel(context: OperatorContext, kernel: Kernel): string[] {
  const { graph, operator } = context;
  const { values, dims, bias } = kernel;
  const name = `operator_${operator.index}`;
  const input = context.inputBytes();
  if (!input || !context.outputIsBytes()) {
    const weights = graph.floats(`${name}_weights`, dims, values);
    return bias ? [weights, graph.floats(`${name}_bias`, [bias.length], bias)] : [weights];
  }
  const [channels = 1] = dims;
  const row = values.length / channels;
  const scales = Float32Array.from({ length: channels }, (_, c) => {
    const own = kernel.scales?.[c];
    const ofChannel = values.subarray(c * row, (c + 1) * row);
    // By the bias alone the scale must be this at least.
    const least = Math.abs(bias?.[c] ?? 0) / input.scale / maxBias;
    if (own !== undefined && own >= least && ofChannel.every((value) => fits(Math.round(value / own)))) return own;
    const largest = ofChannel.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return Math.max(largest / 127, least) || 1;
  });
  const bytes = new Int8Array(values.length);
  for (let at = 0; at < bytes.length; at += 1) {
    const code = Math.round((values[at] ?? 0) / (scales[Math.floor(at / row)] ?? 1));
    bytes[at] = Math.max(-128, Math.min(127, code));
  }
  const codes = (suffix: string, type: number, codeDims: readonly number[], elements: Int8Array | Int32Array): string =>
    graph.tensor({
      name: `${name}_${suffix}`,
      dims: [...codeDims],
      dataType: type,
      rawData: new Uint8Array(elements.buffer),
    });
  const weights = graph.node(
    'DequantizeLinear',
    [
      codes('weights', DataType.int8, dims, bytes),
      graph.floats(`${name}_scales`, [channels], scales),
      codes('zeros', DataType.int8, [channels], new Int8Array(channels)),
    ],
    { axis: 0 },
  );
  if (!bias) return [weights];
  const biasScales = scales.map((scale) => Math.fround(input.scale) * scale);
  const biasCodes = Int32Array.from(bias, (value, c) => Math.round(value / (biasScales[c] ?? 1)));
  return [
    weights,
    graph.node(
      'DequantizeLinear',
      [
        codes('bias', DataType.int32, [channels], biasCodes),
        graph.floats(`${name}_bias_scales`, [channels], biasScales),
      ],
      { axis: 0 },
    ),
  ];
}
