import { floatOf, intOf } from '../onnx/attributes.ts';
import { DataType } from '../onnx/data-types.ts';
import { nameMaker, viewGraph } from '../onnx/graph-view.ts';
import type { ModelMessage, NodeMessage, TensorMessage } from '../onnx/messages.ts';
import { floatTensor, tensorDims, tensorNumbers } from '../onnx/tensor.ts';

/**
 * Folds batch normalisation into the convolution before it: `w * gamma / sqrt(variance + epsilon)` and
 * `(b - mean) * gamma / sqrt(variance + epsilon) + beta`, in double precision. @returns how many were folded.
 */
export function foldBatchNorms({ graph }: ModelMessage): number {
  const fresh = nameMaker(graph);
  let folded = 0;
  for (const norm of [...graph.node]) {
    if (!isInferenceNorm(norm)) continue;
    const view = viewGraph(graph);
    const conv = view.producers.get(norm.input[0] ?? '');
    if (conv?.opType !== 'Conv' || view.soleConsumer(conv.output[0] ?? '') !== norm) continue;
    const [weights, bias, gamma, beta, mean, variance] = [conv.input[1], conv.input[2], ...norm.input.slice(1, 5)].map(
      (name) => (name ? view.constants.get(name) : undefined),
    );
    const needed = [weights, gamma, beta, mean, variance];
    if (!weights || (conv.input[2] && !bias) || needed.some((tensor) => tensor?.dataType !== DataType.float32))
      continue;
    const [channels = 0] = tensorDims(weights);
    const numbers = [gamma, beta, mean, variance].map((tensor) => (tensor ? tensorNumbers(tensor) : []));
    if (numbers.some((values) => values.length !== channels)) continue;
    const [g = [], b = [], m = [], v = []] = numbers;
    const epsilon = floatOf(norm, 'epsilon', 1e-5);
    const factors = Array.from({ length: channels }, (_, c) => (g[c] ?? 0) / Math.sqrt((v[c] ?? 0) + epsilon));
    const before = bias ? tensorNumbers(bias) : new Float32Array(channels);
    const shifts = factors.map((factor, c) => ((before[c] ?? 0) - (m[c] ?? 0)) * factor + (b[c] ?? 0));

    const scaled = scaleRows(fresh(`${weights.name}_folded`), weights, factors);
    const shifted = floatTensor(fresh(`${conv.output[0]}_bias`), [channels], shifts);
    graph.initializer = [...graph.initializer, scaled, shifted];
    conv.input = [conv.input[0] ?? '', scaled.name, shifted.name];
    conv.output = [norm.output[0] ?? ''];
    graph.node = graph.node.filter((node) => node !== norm);
    folded += 1;
  }
  return folded;
}

const isInferenceNorm = (node: NodeMessage): boolean =>
  node.opType === 'BatchNormalization' &&
  intOf(node, 'training_mode', 0) === 0 &&
  node.output.slice(1).every((name) => name === '');

/** Multiplies each output channel's weights. */
export function scaleRows(name: string, weights: TensorMessage, factors: readonly number[]): TensorMessage {
  const dims = tensorDims(weights);
  const values = Float32Array.from(tensorNumbers(weights));
  const row = values.length / Math.max(1, factors.length);
  for (let at = 0; at < values.length; at += 1) values[at] = (values[at] ?? 0) * (factors[Math.floor(at / row)] ?? 1);
  return floatTensor(name, dims, values);
}
