import { RookeryError } from '@rookery/contracts';
import { intOf } from '../onnx/attributes.ts';
import { cloneModel, decodeModel, encodeModel } from '../onnx/codec.ts';
import { DataType } from '../onnx/data-types.ts';
import { makeNode } from '../onnx/graph-builder.ts';
import { type GraphView, nameMaker, viewGraph } from '../onnx/graph-view.ts';
import { toNumber } from '../onnx/int64.ts';
import type { ModelMessage, NodeMessage, TensorMessage } from '../onnx/messages.ts';
import { floatTensor, tensorDims, tensorNumbers, uint8Tensor } from '../onnx/tensor.ts';
import { removeDeadNodes } from '../passes/remove-dead-nodes.ts';
import { type CalibrationPictures, observeRanges, type Range } from './observe.ts';
import { byteScaleOf, quantiseSymmetric } from './quantise-values.ts';

/**
 * Static quantisation of a float32 serving graph: weights of convolutions and dense layers as signed bytes around 0 with one scale for
 * each output channel, what goes in and out of them as unsigned bytes over the range seen with the pictures (min-max), written as pairs of
 * QuantizeLinear and DequantizeLinear that ONNX Runtime's integer kernels take for their own. The last dense layer's result is not rounded.
 * @throws {RookeryError} MODEL_INVALID where no layer can be quantised, or the operator set is older than 13; ABORTED.
 */
export async function quantiseInt8(
  graph: Uint8Array,
  pictures: CalibrationPictures,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<Uint8Array> {
  const model = cloneModel(decodeModel(graph));
  const opset = model.opsetImport.find(({ domain }) => !domain)?.version ?? 0;
  if (toNumber(opset) < 13)
    throw new RookeryError('MODEL_INVALID', { detail: `operator set ${toNumber(opset)}; scales a channel need 13` });
  const view = viewGraph(model.graph);
  const layers = model.graph.node.filter((node) => hasConstantWeights(node, view));
  if (layers.length === 0) throw new RookeryError('MODEL_INVALID', { detail: 'no layer that can be quantised' });
  const values = new Set(layers.flatMap((layer) => [layer.input[0] ?? '', ...resultOf(layer, view)]));
  // Sums and means between layers that are bytes on both sides are computed with bytes, too.
  for (const node of model.graph.node) {
    const joins = node.opType === 'Add' || node.opType === 'GlobalAveragePool';
    if (joins && node.input.every((name) => values.has(name))) values.add(node.output[0] ?? '');
  }
  const ranges = await observeRanges(model, [...values], pictures, signal);
  writePairs(model, layers, ranges);
  removeDeadNodes(model);
  return encodeModel(model);
}

function hasConstantWeights(node: NodeMessage, view: GraphView): boolean {
  const weights = view.constants.get(node.input[1] ?? '');
  return ['Conv', 'Gemm'].includes(node.opType) && weights?.dataType === DataType.float32;
}

/** The value that stands for a layer's result: behind its activation, where it has one. A dense layer's stays as it is. */
function resultOf(layer: NodeMessage, view: GraphView): string[] {
  if (layer.opType === 'Gemm') return [];
  const [output = ''] = layer.output;
  const next = view.soleConsumer(output);
  const activation = next && ['Relu', 'Clip'].includes(next.opType) ? next.output[0] : undefined;
  return [activation ?? output];
}

function writePairs(model: ModelMessage, layers: readonly NodeMessage[], ranges: ReadonlyMap<string, Range>): void {
  const { graph } = model;
  const fresh = nameMaker(graph);
  const constants = new Map(graph.initializer.map((each) => [each.name, each]));
  const added: TensorMessage[] = [];
  const weightNodes: NodeMessage[] = [];
  for (const layer of layers) {
    const weights = constants.get(layer.input[1] ?? '');
    if (!weights) continue;
    const axis = layer.opType === 'Gemm' && intOf(layer, 'transB', 0) === 0 ? 1 : 0;
    const dims = tensorDims(weights);
    const { bytes, scales } = quantiseSymmetric(tensorNumbers(weights), dims, axis);
    const code = { ...uint8Tensor(fresh('weights'), dims, new Uint8Array(bytes.buffer)), dataType: DataType.int8 };
    const scale = floatTensor(fresh('weights_scale'), [scales.length], scales);
    const zero = uint8Tensor(fresh('weights_zero'), [scales.length], new Uint8Array(scales.length));
    added.push(code, scale, { ...zero, dataType: DataType.int8 });
    const real = fresh('weights_real');
    weightNodes.push(makeNode('DequantizeLinear', [code.name, scale.name, zero.name], [real], { axis }));
    layer.input = layer.input.map((name, n) => (n === 1 ? real : name));
  }
  const pairs = new Map<string, NodeMessage[]>();
  const outputs = new Set(graph.output.map(({ name }) => name));
  for (const [name, { low, high }] of ranges) {
    if (outputs.has(name)) continue;
    const bytes = byteScaleOf(low, high);
    const scale = floatTensor(fresh('scale'), [], [bytes.scale]);
    const zero = uint8Tensor(fresh('zero'), [], Uint8Array.of(bytes.zeroPoint));
    const [code, real] = [fresh(`${name}_bytes`), fresh(`${name}_real`)];
    added.push(scale, zero);
    for (const node of graph.node) node.input = node.input.map((input) => (input === name ? real : input));
    pairs.set(name, [
      makeNode('QuantizeLinear', [name, scale.name, zero.name], [code]),
      makeNode('DequantizeLinear', [code, scale.name, zero.name], [real]),
    ]);
  }
  const nodes = graph.node.flatMap((node) => [node, ...node.output.flatMap((name) => pairs.get(name) ?? [])]);
  graph.node = [...weightNodes, ...nodes];
  graph.initializer = [...graph.initializer, ...added];
}
