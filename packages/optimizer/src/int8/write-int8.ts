import { cloneModel } from '../onnx/codec.ts';
import { DataType } from '../onnx/data-types.ts';
import { makeNode } from '../onnx/graph-builder.ts';
import { nameMaker } from '../onnx/graph-view.ts';
import type { ModelMessage, NodeMessage, TensorMessage } from '../onnx/messages.ts';
import { floatTensor, uint8Tensor } from '../onnx/tensor.ts';
import { removeDeadNodes } from '../passes/remove-dead-nodes.ts';
import { byteWeights } from './byte-weights.ts';
import type { Range } from './choose-range.ts';
import { byteValues, layersOf, sharedScales } from './layers.ts';
import { type ByteScale, byteScaleOf } from './quantise-values.ts';

export interface Int8Plan {
  /** Of every value that may become bytes. */
  readonly ranges: ReadonlyMap<string, Range>;
  /** Of the channels of what layers read: biases are corrected with them. */
  readonly channelMeans?: ReadonlyMap<string, ArrayLike<number>>;
  /** Layers that stay in float32, by name. */
  readonly keep?: ReadonlySet<string>;
}

/**
 * A float32 graph with bytes: weights signed, around 0, one scale for each output channel; what goes in and out of layers unsigned;
 * biases in 32 bits. Written as pairs of QuantizeLinear and DequantizeLinear, which integer kernels take for their own.
 */
export function writeInt8(original: ModelMessage, plan: Int8Plan): ModelMessage {
  const model = cloneModel(original);
  const { graph } = model;
  const layers = layersOf(graph).filter(({ name }) => !plan.keep?.has(name));
  const scales = byteScales(model, plan, byteValues(graph, layers));
  const fresh = nameMaker(graph);
  const constants = new Map(graph.initializer.map((each) => [each.name, each]));
  const added: TensorMessage[] = [];
  const front: NodeMessage[] = [];
  for (const layer of layers) {
    const [, weightsName = '', biasName = ''] = layer.node.input;
    const weights = constants.get(weightsName);
    const inputScale = scales.get(layer.input)?.scale;
    if (!weights || inputScale === undefined) continue;
    const bytes = byteWeights(layer, weights, constants.get(biasName), plan.channelMeans?.get(layer.input));
    const real = fresh('weights_real');
    const biasReal = fresh('bias_real');
    const { tensors, nodes } = dequantised(bytes, inputScale, real, biasReal, fresh);
    added.push(...tensors);
    front.push(...nodes);
    layer.node.input = [layer.node.input[0] ?? '', real, biasReal];
  }
  const pairs = new Map<string, NodeMessage[]>();
  for (const [name, { scale, zeroPoint }] of scales) {
    const [scaleName, zeroName, code, real] = [
      fresh('scale'),
      fresh('zero'),
      fresh(`${name}_bytes`),
      fresh(`${name}_real`),
    ];
    added.push(floatTensor(scaleName, [], [scale]), uint8Tensor(zeroName, [], Uint8Array.of(zeroPoint)));
    for (const node of graph.node) node.input = node.input.map((input) => (input === name ? real : input));
    pairs.set(name, [
      makeNode('QuantizeLinear', [name, scaleName, zeroName], [code]),
      makeNode('DequantizeLinear', [code, scaleName, zeroName], [real]),
    ]);
  }
  const atInputs = graph.input.flatMap(({ name }) => pairs.get(name) ?? []);
  const nodes = graph.node.flatMap((node) => [node, ...node.output.flatMap((name) => pairs.get(name) ?? [])]);
  graph.node = [...front, ...atInputs, ...nodes];
  graph.initializer = [...graph.initializer, ...added];
  removeDeadNodes(model);
  return model;
}

function byteScales({ graph }: ModelMessage, plan: Int8Plan, values: ReadonlySet<string>): Map<string, ByteScale> {
  const outputs = new Set(graph.output.map(({ name }) => name));
  const shared = sharedScales(graph, values);
  const scales = new Map<string, ByteScale>();
  for (const name of values) {
    const range = plan.ranges.get(shared.get(name) ?? name);
    if (range && !outputs.has(name)) scales.set(name, byteScaleOf(range.low, range.high));
  }
  return scales;
}

type Bytes = ReturnType<typeof byteWeights>;

function dequantised(
  { bytes, dims, axis, scales, bias }: Bytes,
  inputScale: number,
  real: string,
  biasReal: string,
  fresh: (base: string) => string,
): { readonly tensors: TensorMessage[]; readonly nodes: NodeMessage[] } {
  const [code, scale, zero] = [fresh('weights'), fresh('weights_scale'), fresh('weights_zero')];
  const [biasCode, biasScale] = [fresh('bias'), fresh('bias_scale')];
  const biasScales = scales.map((each) => each * inputScale);
  const codes = Int32Array.from(bias, (value, n) => clamp(Math.round(value / (biasScales[n] ?? 1))));
  return {
    tensors: [
      { name: code, dims: [...dims], dataType: DataType.int8, rawData: new Uint8Array(bytes.buffer) },
      floatTensor(scale, [scales.length], scales),
      { name: zero, dims: [scales.length], dataType: DataType.int8, rawData: new Uint8Array(scales.length) },
      { name: biasCode, dims: [codes.length], dataType: DataType.int32, rawData: new Uint8Array(codes.buffer) },
      floatTensor(biasScale, [scales.length], biasScales),
    ],
    nodes: [
      makeNode('DequantizeLinear', [code, scale, zero], [real], { axis }),
      makeNode('DequantizeLinear', [biasCode, biasScale], [biasReal], { axis: 0 }),
    ],
  };
}

const clamp = (code: number): number => Math.max(-(2 ** 31) + 1, Math.min(2 ** 31 - 1, code));
