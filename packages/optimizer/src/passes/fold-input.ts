import { type Channel, followInput, type InputChain } from '../import/input-chain.ts';
import { intOf, intsOf, textOf } from '../onnx/attributes.ts';
import { DataType } from '../onnx/data-types.ts';
import { makeNode } from '../onnx/graph-builder.ts';
import { nameMaker, replaceReads, viewGraph } from '../onnx/graph-view.ts';
import type { GraphMessage, ModelMessage, NodeMessage, TensorMessage } from '../onnx/messages.ts';
import { floatTensor, int64Tensor, tensorDims, tensorNumbers } from '../onnx/tensor.ts';
import { exactQuantiser } from './exact-quantiser.ts';

/**
 * Gathers everything that happens to the input before the first real node into as little as possible: one transposition (of bytes, where
 * the input is bytes), one cast, and what of scaling, shifting and swapping channels cannot become part of the convolution that
 * follows.
 *
 * Scaling by `a` and shifting by `b` fold into a convolution's weights and bias where it does not pad. Where it pads with zeros the
 * scaling still folds, and `x + b / a` is left, whose zeros are where those of `a * x + b` were. Before a quantiser that gives every
 * byte back as it came in, all of it goes.
 * @returns how many nodes fewer there are.
 */
export function foldInput(model: ModelMessage): number {
  const { graph } = model;
  const [input] = graph.input;
  if (input?.type?.tensorType?.shape?.dim.length !== 4) return 0;
  const chain = followInput(graph, input.name, 'nhwc');
  if (chain.nodes.length === 0) return 0;
  const isBytes = input.type.tensorType.elemType === DataType.uint8;
  const before = graph.node.length;
  const removed = new Set(chain.nodes);
  graph.node = graph.node.filter((node) => !removed.has(node));

  const emit = new Emitter(graph, input.name);
  if (chain.layout === 'nchw') emit.step('Transpose', [], { perm: [0, 3, 1, 2] });
  const quantiser = isBytes ? exactQuantiser(viewGraph(graph), chain) : undefined;
  if (quantiser) {
    replaceReads(graph, quantiser.output[0] ?? '', emit.value);
    graph.node = graph.node.filter((node) => node !== quantiser);
  } else {
    if (isBytes) emit.step('Cast', [], { to: DataType.float32 });
    const rest = intoConvolution(graph, chain, emit) ?? chain.channels;
    applyChannels(emit, chain, rest);
    replaceReads(graph, chain.value, emit.value);
  }
  emit.finish();
  return before - graph.node.length;
}

/** Adds nodes one after the other behind the input. */
class Emitter {
  readonly fresh: (base: string) => string;
  readonly #nodes: NodeMessage[] = [];
  readonly #constants: TensorMessage[] = [];

  constructor(
    private readonly graph: GraphMessage,
    public value: string,
  ) {
    this.fresh = nameMaker(graph);
  }

  step(op: string, extra: readonly TensorMessage[] = [], attributes: Parameters<typeof makeNode>[3] = {}): void {
    this.constant(...extra);
    const output = this.fresh(`input_${op.toLowerCase()}`);
    this.#nodes.push(makeNode(op, [this.value, ...extra.map(({ name }) => name)], [output], attributes));
    this.value = output;
  }

  constant(...tensors: readonly TensorMessage[]): void {
    this.#constants.push(...tensors);
  }

  finish(): void {
    this.graph.node = [...this.#nodes, ...this.graph.node];
    this.graph.initializer = [...this.graph.initializer, ...this.#constants];
  }
}

/** Whatever is left to be done to the channels, in as few nodes as that takes. */
function applyChannels(emit: Emitter, { layout }: InputChain, channels: readonly Channel[]): void {
  const order = channels.map(({ from }) => from);
  if (order.join() !== '0,1,2') {
    emit.step('Gather', [int64Tensor(emit.fresh('input_order'), [3], order)], { axis: layout === 'nchw' ? 1 : 3 });
  }
  const constant = (name: string, values: readonly number[]): TensorMessage =>
    values.every((value) => value === values[0])
      ? floatTensor(emit.fresh(name), [], values.slice(0, 1))
      : floatTensor(emit.fresh(name), layout === 'nchw' ? [1, 3, 1, 1] : [3], values);
  const scales = channels.map(({ scale }) => scale);
  const shifts = channels.map(({ shift }) => shift);
  if (scales.some((scale) => scale !== 1)) emit.step('Mul', [constant('input_scale', scales)]);
  if (shifts.some((shift) => shift !== 0)) emit.step('Add', [constant('input_shift', shifts)]);
}

/** Folds what it can into the convolution that reads the chain. @returns what is left, in the order of the picture's channels. */
function intoConvolution(graph: GraphMessage, chain: InputChain, emit: Emitter): readonly Channel[] | undefined {
  const view = viewGraph(graph);
  const conv = view.soleConsumer(chain.value);
  if (
    chain.layout !== 'nchw' ||
    conv?.opType !== 'Conv' ||
    conv.input[0] !== chain.value ||
    intOf(conv, 'group', 1) !== 1
  )
    return undefined;
  const weights = view.constants.get(conv.input[1] ?? '');
  const bias = conv.input[2] ? view.constants.get(conv.input[2]) : undefined;
  const sources = chain.channels.map(({ from }) => from);
  const foldable =
    weights?.dataType === DataType.float32 &&
    tensorDims(weights)[1] === 3 &&
    (!conv.input[2] || bias?.dataType === DataType.float32) &&
    new Set(sources).size === 3 &&
    chain.channels.every(({ scale }) => scale !== 0);
  if (!foldable) return undefined;
  const dims = tensorDims(weights);
  const old = tensorNumbers(weights);
  const [outputs = 0] = dims;
  const kernel = old.length / outputs / 3;
  const values = new Float32Array(old.length);
  const offsets = Float64Array.from(bias ? tensorNumbers(bias) : new Float32Array(outputs));
  for (let m = 0; m < outputs; m += 1) {
    for (const [c, { from, scale, shift }] of chain.channels.entries()) {
      for (let k = 0; k < kernel; k += 1) {
        const weight = old[(m * 3 + c) * kernel + k] ?? 0;
        values[(m * 3 + from) * kernel + k] = weight * scale;
        offsets[m] = (offsets[m] ?? 0) + weight * shift;
      }
    }
  }
  const folded = floatTensor(emit.fresh(`${weights.name}_folded`), dims, values);
  emit.constant(folded);
  conv.input = [chain.value, folded.name, ...conv.input.slice(2)];
  const moved = (): Channel[] =>
    [0, 1, 2].map((channel) => {
      const { scale = 1, shift = 0 } = chain.channels[sources.indexOf(channel)] ?? {};
      return { from: channel, scale: 1, shift: shift / scale };
    });
  if (moved().every(({ shift }) => shift === 0)) return moved();
  if (pads(conv)) return moved();
  const shifted = floatTensor(emit.fresh(`${conv.output[0]}_bias`), [outputs], offsets);
  emit.constant(shifted);
  conv.input = [chain.value, folded.name, shifted.name];
  return [0, 1, 2].map((from) => ({ from, scale: 1, shift: 0 }));
}

const pads = (conv: NodeMessage): boolean =>
  !['', 'NOTSET', 'VALID'].includes(textOf(conv, 'auto_pad') ?? '') ||
  (intsOf(conv, 'pads') ?? []).some((pad) => pad !== 0);
