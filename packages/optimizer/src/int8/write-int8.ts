import { RookeryError } from '@rookery/contracts';
import { cloneModel } from '../onnx/clone-model.ts';
import { nameMaker } from '../onnx/graph-view.ts';
import type { ModelMessage, NodeMessage, TensorMessage } from '../onnx/messages.ts';
import { floatTensor } from '../onnx/tensor.ts';
import { removeDeadNodes } from '../passes/remove-dead-nodes.ts';
import { addUncutScales, byteScales, roundedToBytes } from './byte-scales.ts';
import { type ByteWeights, byteWeights, correctedBias, leastScales } from './byte-weights.ts';
import type { Range } from './choose-range.ts';
import { type Dequantised, dequantisedBias, dequantisedWeights } from './dequantised.ts';
import { byteValues, type Layer, layersOf } from './layers.ts';

export interface Int8Plan {
  /** Of every value that may become bytes. */
  readonly ranges: ReadonlyMap<string, Range>;
  /** Of the channels of what layers read: biases are corrected with them. */
  readonly channelMeans?: ReadonlyMap<string, ArrayLike<number>>;
  /** Layers that stay in float32, by name. */
  readonly keep?: ReadonlySet<string>;
}

type Means = ArrayLike<number> | undefined;

/** One float32 graph, written with bytes by one plan after the other: what plans have in common is computed once. */
export class Int8Writer {
  readonly #layers: readonly Layer[];
  readonly #constants: ReadonlyMap<string, TensorMessage>;
  readonly #weights = new Map<string, ByteWeights>();
  /** Of layers whose biases ask for larger scales beside the last input's. */
  readonly #coarser = new Map<string, { readonly inputScale: number; readonly bytes: ByteWeights }>();
  readonly #parts = new Map<
    string,
    { readonly means: Means; readonly bytes: ByteWeights; readonly bias: Float64Array }
  >();

  constructor(private readonly original: ModelMessage) {
    this.#layers = layersOf(original.graph);
    this.#constants = new Map(original.graph.initializer.map((each) => [each.name, each]));
  }

  /**
   * The graph with bytes: weights signed, around 0, one scale for each output channel; what goes in and out of layers unsigned;
   * biases in 32 bits. Written as pairs of QuantizeLinear and DequantizeLinear, which integer kernels take for their own.
   */
  write(plan: Int8Plan): ModelMessage {
    const model = cloneModel(this.original);
    const { graph } = model;
    const layers = layersOf(graph).filter(({ name }) => !plan.keep?.has(name));
    const scales = byteScales(graph, plan.ranges, byteValues(graph, layers));
    addUncutScales(graph, layers, scales);
    const fresh = nameMaker(graph);
    const added: TensorMessage[] = [];
    const front: NodeMessage[] = [];
    // Those of products of matrices: what is added to them stays in float32.
    const biases = new Map<string, TensorMessage>();
    const add = ({ tensors, node }: Dequantised): string => {
      added.push(...tensors);
      front.push(node);
      return node.output[0] ?? '';
    };
    for (const layer of layers) {
      const inputScale = scales.get(layer.input)?.scale;
      if (inputScale === undefined) continue;
      const { bytes, bias } = this.#partsOf(layer, inputScale, plan.channelMeans?.get(layer.input));
      layer.node.input[1] = add(dequantisedWeights(bytes, fresh));
      if (layer.node.opType !== 'MatMul') layer.node.input[2] = add(dequantisedBias(bias, bytes, inputScale, fresh));
      else if (layer.bias) biases.set(layer.bias, floatTensor(layer.bias, [bias.length], bias));
    }
    const pairs = new Map<string, readonly NodeMessage[]>();
    const reals = new Map<string, string>();
    for (const [name, scale] of scales) {
      const { real, tensors, nodes } = roundedToBytes(name, scale, fresh);
      added.push(...tensors);
      reals.set(name, real);
      pairs.set(name, nodes);
    }
    for (const node of graph.node) node.input = node.input.map((input) => reals.get(input) ?? input);
    const atInputs = graph.input.flatMap(({ name }) => pairs.get(name) ?? []);
    const nodes = graph.node.flatMap((node) => [node, ...node.output.flatMap((name) => pairs.get(name) ?? [])]);
    graph.node = [...front, ...atInputs, ...nodes];
    graph.initializer = [...graph.initializer.map((each) => biases.get(each.name) ?? each), ...added];
    removeDeadNodes(model);
    return model;
  }

  /** A layer's weights as bytes, and its bias with what their rounding does taken back. */
  #partsOf(
    layer: Layer,
    inputScale: number,
    means: Means,
  ): { readonly bytes: ByteWeights; readonly bias: Float64Array } {
    const bytes = this.#bytesOf(layer, inputScale);
    const known = this.#parts.get(layer.name);
    if (known && known.means === means && known.bytes === bytes) return known;
    const parts = {
      means,
      bytes,
      bias: correctedBias(layer, this.#weightsOf(layer), bytes, this.#biasOf(layer), means),
    };
    this.#parts.set(layer.name, parts);
    return parts;
  }

  #bytesOf(layer: Layer, inputScale: number): ByteWeights {
    const bytes = this.#weights.get(layer.name) ?? byteWeights(layer, this.#weightsOf(layer));
    this.#weights.set(layer.name, bytes);
    const least =
      layer.node.opType === 'MatMul' ? [] : leastScales(this.#biasOf(layer), bytes.scales.length, inputScale);
    if (bytes.scales.every((scale, output) => scale >= (least[output] ?? 0))) return bytes;
    const known = this.#coarser.get(layer.name);
    if (known?.inputScale === inputScale) return known.bytes;
    const coarser = byteWeights(layer, this.#weightsOf(layer), least);
    this.#coarser.set(layer.name, { inputScale, bytes: coarser });
    return coarser;
  }

  #biasOf = ({ bias }: Layer): TensorMessage | undefined => this.#constants.get(bias ?? '');

  /** Of the original: the layers of a copy have inputs of their own. */
  #weightsOf({ name }: Layer): TensorMessage {
    const original = this.#layers.find((layer) => layer.name === name);
    const weights = this.#constants.get(original?.node.input[1] ?? '');
    if (!weights) throw new RookeryError('INTERNAL', { detail: `weights of ${name}` });
    return weights;
  }
}
