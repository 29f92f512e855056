import { RookeryError } from '@rookery/contracts';
import type { GraphBuilder } from '../onnx/graph-builder.ts';
import { elementCount } from '../onnx/tensor.ts';
import type { Constant } from './constant.ts';
import type { TfNode } from './messages.ts';

/**
 * A tensor on its way, the batch first, which is -1 where it is open. Four dimensions stand in the graph as NCHW, others as they are;
 * the shape is TensorFlow's.
 */
export interface Flow {
  readonly kind: 'flow';
  readonly name: string;
  readonly shape: readonly number[];
  /**
   * Where pictures were cut into so many by SpaceToBatchND, every so many rows and columns one: they stay whole in the graph, and so does
   * the shape, until BatchToSpaceND. A convolution in between reaches as much further.
   */
  readonly apart?: readonly [rows: number, columns: number];
}

export type Value = Flow | Constant;
export const flowOf = (name: string, shape: readonly number[]): Flow => ({ kind: 'flow', name, shape });

/** What an operator's converter works with: the node, its inputs, the graph that is written. */
export class NodeContext {
  constructor(
    readonly graph: GraphBuilder,
    readonly node: TfNode,
    readonly inputs: readonly (Value | undefined)[],
    readonly outputs = 1,
  ) {}

  unsupported(what = ''): RookeryError {
    return new RookeryError('MODEL_OPERATOR_UNSUPPORTED', {
      detail: `node ${JSON.stringify(this.node.name)} (${this.node.op})${what && `: ${what}`}`,
    });
  }

  invalid(what: string): RookeryError {
    return new RookeryError('MODEL_INVALID', {
      detail: `node ${JSON.stringify(this.node.name)} (${this.node.op}): ${what}`,
    });
  }

  value(n = 0): Value {
    const value = this.inputs[n];
    if (!value) throw this.invalid(`input ${n} is missing`);
    return value;
  }

  flow(n = 0): Flow {
    const value = this.value(n);
    if (value.kind !== 'flow') throw this.unsupported(`input ${n} is a constant`);
    return value;
  }

  constant(n: number): Constant {
    const value = this.value(n);
    if (value.kind !== 'constant') throw this.unsupported(`input ${n} is not constant`);
    return value;
  }

  integers(n: number): number[] {
    return Array.from(this.constant(n).values);
  }

  /** Height, width and channels of pictures. */
  pictures(n = 0): { name: string; batch: number; height: number; width: number; channels: number } {
    const { name, shape } = this.flow(n);
    const [batch = -1, height = 0, width = 0, channels = 0] = shape;
    if (shape.length !== 4) throw this.unsupported(`input of shape [${shape}]`);
    return { name, batch, height, width, channels };
  }

  text(name: string): string {
    return Buffer.from(this.node.attr[name]?.s ?? []).toString('utf8');
  }

  ints(name: string): number[] {
    return (this.node.attr[name]?.list?.i ?? []).map(Number);
  }

  int(name: string, fallback: number): number {
    const value = this.node.attr[name]?.i;
    return value === undefined ? fallback : Number(value);
  }

  float(name: string, fallback: number): number {
    return this.node.attr[name]?.f ?? fallback;
  }

  flag(name: string): boolean {
    return this.node.attr[name]?.b === true;
  }

  /** An axis counted from the front. */
  axis(axis: number, rank: number): number {
    const at = axis < 0 ? axis + rank : axis;
    if (!(Number.isInteger(at) && at >= 0 && at < rank)) throw this.invalid(`axis ${axis} of ${rank}`);
    return at;
  }

  floats(suffix: string, dims: readonly number[], values: ArrayLike<number>): string {
    return this.graph.floats(`${this.node.name}/${suffix}`, dims, values);
  }

  /** The value in TensorFlow's own order of axes. */
  inFileOrder({ name, shape }: Flow): string {
    const [, height = 1, width = 1, channels = 1] = shape;
    if (shape.length !== 4) return name;
    if (height * width === 1 || channels === 1) return this.reshape(name, shape.slice(1));
    return this.graph.node('Transpose', [name], { perm: [0, 2, 3, 1] });
  }

  fromFileOrder(name: string, shape: readonly number[]): Flow {
    if (shape.length !== 4) return flowOf(name, shape);
    return flowOf(this.graph.node('Transpose', [name], { perm: [0, 3, 1, 2] }), shape);
  }

  reshape(name: string, dims: readonly number[]): string {
    return this.graph.node('Reshape', [name, this.graph.list([-1, ...dims])]);
  }

  /** An input as an operand beside a value of this rank: constants become initialisers in the graph's order of axes. */
  operand(n: number, rank: number): { name: string; shape: readonly number[] } {
    const value = this.value(n);
    if (value.kind === 'flow') {
      if (value.shape.length !== rank)
        throw this.unsupported(`shapes of different ranks, [${value.shape}] and rank ${rank}`);
      return value;
    }
    const { dims, values } = value;
    if (values.length === 1)
      return { name: this.graph.scalar(Math.fround(values[0] ?? 0)), shape: Array<number>(rank).fill(1) };
    if (dims.length > rank) throw this.unsupported(`a constant of the shape [${dims}]`);
    const padded = [...Array<number>(rank - dims.length).fill(1), ...dims];
    const moved = rank === 4 ? toGraphOrder(padded, values) : { dims: padded, values };
    return { name: this.floats(`operand_${n}`, moved.dims, moved.values), shape: padded };
  }
}

/** NHWC numbers as NCHW ones. */
function toGraphOrder(
  dims: readonly number[],
  values: ArrayLike<number>,
): { dims: number[]; values: ArrayLike<number> } {
  const [count = 1, height = 1, width = 1, channels = 1] = dims;
  const moved = new Float32Array(elementCount(dims));
  let at = 0;
  for (let n = 0; n < count; n += 1)
    for (let p = 0; p < height * width; p += 1)
      for (let c = 0; c < channels; c += 1) moved[(n * channels + c) * height * width + p] = values[at++] ?? 0;
  return { dims: [count, channels, height, width], values: moved };
}

/** Writes one operator; gives its outputs. */
export type OperatorConverter = (context: NodeContext) => Value | readonly Value[];
