import { floatOf, intOf, intsOf } from '../onnx/attributes.ts';
import { DataType } from '../onnx/data-types.ts';
import { type GraphView, viewGraph } from '../onnx/graph-view.ts';
import type { GraphMessage, NodeMessage } from '../onnx/messages.ts';
import { tensorDims, tensorNumbers } from '../onnx/tensor.ts';
import type { Layout } from './import-options.ts';

/** `value * scale + shift` of each channel, and which input channel it comes from. */
export interface Channel {
  readonly from: number;
  readonly scale: number;
  readonly shift: number;
}

/** What a graph does to its input before anything interesting: casts, transpositions, scaling, all of it one affine map a channel. */
export interface InputChain {
  readonly nodes: readonly NodeMessage[];
  /** The last value of the chain. */
  readonly value: string;
  readonly layout: Layout;
  readonly channels: readonly Channel[];
}

const untouched: readonly Channel[] = [0, 1, 2].map((from) => ({ from, scale: 1, shift: 0 }));

/** Follows the input as long as one node reads it and that node does nothing else. */
export function followInput(graph: GraphMessage, input: string, start: Layout): InputChain {
  const view = viewGraph(graph);
  let chain: InputChain = { nodes: [], value: input, layout: start, channels: untouched };
  for (;;) {
    const node = view.soleConsumer(chain.value);
    const next = node && follow(view, chain, node);
    if (!next) return chain;
    chain = { ...next, nodes: [...chain.nodes, node], value: node.output[0] ?? '' };
  }
}

type Step = Pick<InputChain, 'layout' | 'channels'>;

function follow(view: GraphView, { value, layout, channels }: InputChain, node: NodeMessage): Step | undefined {
  if (node.domain && node.domain !== 'ai.onnx') return undefined;
  switch (node.opType) {
    case 'Identity':
      return { layout, channels };
    case 'Cast':
      return intOf(node, 'to', 0) === DataType.float32 ? { layout, channels } : undefined;
    case 'Transpose': {
      const order = intsOf(node, 'perm')?.join();
      if (layout === 'nhwc' && order === '0,3,1,2') return { layout: 'nchw', channels };
      return layout === 'nchw' && order === '0,2,3,1' ? { layout: 'nhwc', channels } : undefined;
    }
    case 'Gather': {
      const order = constantNumbers(view, node.input[1]);
      if (node.input[0] !== value || !isChannelAxis(intOf(node, 'axis', 0), layout) || order?.length !== 3)
        return undefined;
      const moved = Array.from(order, (from) => channels[from]);
      return moved.every((channel) => channel !== undefined) ? { layout, channels: moved } : undefined;
    }
    case 'BatchNormalization': {
      if (layout !== 'nchw' || intOf(node, 'training_mode', 0) !== 0) return undefined;
      const [gamma, beta, mean, variance] = node.input.slice(1).map((name) => constantNumbers(view, name));
      if (!gamma || !beta || !mean || !variance || gamma.length !== 3) return undefined;
      const factors = [0, 1, 2].map(
        (c) => (gamma[c] ?? 0) / Math.sqrt((variance[c] ?? 0) + floatOf(node, 'epsilon', 1e-5)),
      );
      return {
        layout,
        channels: affine(
          channels,
          factors,
          factors.map((factor, c) => (beta[c] ?? 0) - (mean[c] ?? 0) * factor),
        ),
      };
    }
    case 'Mul':
    case 'Div':
    case 'Add':
    case 'Sub':
      return arithmetic(view, value, layout, channels, node);
    default:
      return undefined;
  }
}

function arithmetic(
  view: GraphView,
  value: string,
  layout: Layout,
  channels: readonly Channel[],
  node: NodeMessage,
): Step | undefined {
  const left = node.input[0] === value;
  const other = perChannel(view, node.input[left ? 1 : 0], layout);
  if (!other || node.input[0] === node.input[1]) return undefined;
  const ones = [1, 1, 1];
  const none = [0, 0, 0];
  switch (node.opType) {
    case 'Mul':
      return { layout, channels: affine(channels, other, none) };
    case 'Div':
      return left
        ? {
            layout,
            channels: affine(
              channels,
              other.map((number) => 1 / number),
              none,
            ),
          }
        : undefined;
    case 'Add':
      return { layout, channels: affine(channels, ones, other) };
    default:
      return left
        ? {
            layout,
            channels: affine(
              channels,
              ones,
              other.map((number) => -number),
            ),
          }
        : { layout, channels: affine(channels, [-1, -1, -1], other) };
  }
}

const affine = (channels: readonly Channel[], scales: readonly number[], shifts: readonly number[]): Channel[] =>
  channels.map(({ from, scale, shift }, c) => ({
    from,
    scale: scale * (scales[c] ?? 1),
    shift: shift * (scales[c] ?? 1) + (shifts[c] ?? 0),
  }));

const isChannelAxis = (axis: number, layout: Layout): boolean =>
  (axis < 0 ? axis + 4 : axis) === (layout === 'nchw' ? 1 : 3);

function constantNumbers(view: GraphView, name: string | undefined): ArrayLike<number> | undefined {
  const tensor = name ? view.constants.get(name) : undefined;
  return tensor && tensorNumbers(tensor);
}

/** A constant of one number, or of one a channel and broadcast along them. */
function perChannel(view: GraphView, name: string | undefined, layout: Layout): readonly number[] | undefined {
  const tensor = name ? view.constants.get(name) : undefined;
  if (!tensor) return undefined;
  const dims = tensorDims(tensor);
  const numbers = [...tensorNumbers(tensor)];
  const [only] = numbers;
  if (numbers.length === 1 && only !== undefined && dims.length <= 4) return [only, only, only];
  const padded = [...Array<number>(Math.max(0, 4 - dims.length)).fill(1), ...dims].join();
  return padded === (layout === 'nchw' ? '1,3,1,1' : '1,1,1,3') ? numbers : undefined;
}
