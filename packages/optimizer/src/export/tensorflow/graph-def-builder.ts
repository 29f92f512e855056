import {
  type AttrMessage,
  type GraphDefMessage,
  type ShapeMessage,
  type TfNode,
  TfType,
} from '../../tfgraph/messages.ts';

/** A constant of a graph, which TensorFlow.js keeps in files of their own. */
export interface Weight {
  readonly name: string;
  readonly dims: readonly number[];
  readonly values: Float32Array | Int32Array;
}

/** Of operators whose meaning has not changed since TensorFlow 2. */
const producer = 1087;

export const typeAttr = (type: number): AttrMessage => ({ type });
export const textAttr = (text: string): AttrMessage => ({ s: Buffer.from(text, 'utf8') });
export const intsAttr = (values: readonly number[]): AttrMessage => ({ list: { i: [...values] } });
export const intAttr = (value: number): AttrMessage => ({ i: value });
export const floatAttr = (value: number): AttrMessage => ({ f: value });
export const flagAttr = (value: boolean): AttrMessage => ({ b: value });
export const shapeOf = (dims: readonly number[]): ShapeMessage => ({ dim: dims.map((size) => ({ size })) });

/** Builds a GraphDef node by node; nodes are known by their names. */
export class GraphDefBuilder {
  readonly weights: Weight[] = [];
  readonly #nodes: TfNode[] = [];
  readonly #taken: Set<string>;

  /** `taken`: names that are given later. */
  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken);
  }

  /** A name for what belongs to a node. */
  fresh(owner: string, part: string): string {
    let name = `${owner}/${part}`;
    for (let n = 1; this.#taken.has(name); n += 1) name = `${owner}/${part}_${n}`;
    this.#taken.add(name);
    return name;
  }

  node(op: string, name: string, input: readonly string[], attr: Record<string, AttrMessage> = {}): string {
    this.#nodes.push({ name, op, input: [...input], attr });
    return name;
  }

  floats(owner: string, part: string, dims: readonly number[], values: Float32Array): string {
    return this.#constant({ name: this.fresh(owner, part), dims, values }, TfType.float);
  }

  number(owner: string, part: string, value: number): string {
    return this.floats(owner, part, [], Float32Array.of(value));
  }

  ints(owner: string, part: string, values: readonly number[], dims: readonly number[] = [values.length]): string {
    return this.#constant({ name: this.fresh(owner, part), dims, values: Int32Array.from(values) }, TfType.int32);
  }

  #constant(weight: Weight, type: number): string {
    this.weights.push(weight);
    return this.node('Const', weight.name, [], { dtype: typeAttr(type) });
  }

  /** With the constants in their nodes, or only their types and shapes. */
  graphDef(withValues: boolean): GraphDefMessage {
    const weights = new Map(this.weights.map((weight) => [weight.name, weight]));
    const node = this.#nodes.map((each): TfNode => {
      const weight = weights.get(each.name);
      if (!weight) return each;
      const { dims, values } = weight;
      const tensorContent = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      const tensor = {
        dtype: each.attr.dtype?.type ?? TfType.float,
        tensorShape: shapeOf(dims),
        ...(withValues && { tensorContent }),
      };
      return { ...each, attr: { ...each.attr, value: { tensor } } };
    });
    return { node, library: {}, versions: { producer, minConsumer: 0 } };
  }
}
