import type { attribute } from '../onnx/attributes.ts';
import { DataType } from '../onnx/data-types.ts';
import { makeNode } from '../onnx/graph-builder.ts';
import type { NodeMessage, TensorMessage } from '../onnx/messages.ts';
import { floatTensor, int64Tensor } from '../onnx/tensor.ts';

type Attributes = Readonly<Record<string, Parameters<typeof attribute>[1]>>;

/** Adds nodes and constants to a graph under names that it does not have. */
export class GraphWriter {
  readonly nodes: NodeMessage[] = [];
  readonly initializers: TensorMessage[] = [];

  /**
   * @param opset the graph's operator set.
   * @param ofPicture names of values that are not the same for every picture.
   */
  constructor(
    private readonly fresh: (base: string) => string,
    private readonly opset: number,
    private readonly ofPicture: ReadonlySet<string>,
  ) {}

  node(opType: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const output = this.fresh(`explain_${opType.toLowerCase()}`);
    // The runtime makes names of its own from those of nodes.
    this.nodes.push({ ...makeNode(opType, inputs, [output], attributes), name: output });
    return output;
  }

  floats(dims: readonly number[], values: readonly number[]): string {
    const tensor = floatTensor(this.fresh('explain_floats'), dims, values);
    this.initializers.push(tensor);
    return tensor.name;
  }

  ints(dims: readonly number[], values: readonly number[]): string {
    const tensor = int64Tensor(this.fresh('explain_ints'), dims, values);
    this.initializers.push(tensor);
    return tensor.name;
  }

  /** 0 keeps an axis, -1 is what is left. */
  reshape(value: string, dims: readonly number[]): string {
    return this.node('Reshape', [value, this.ints([dims.length], dims)]);
  }

  /** All elements of a constant in one row. */
  flat(value: string): string {
    return this.reshape(value, [-1]);
  }

  /** A picture's elements in one row, the same for each class: `[batch, 1, elements]`. */
  perClass(value: string): string {
    return this.reshape(value, [0, 1, -1]);
  }

  /** As it is multiplied with gradients: a constant in one row, a picture's elements for each class. */
  value(name: string): string {
    return this.ofPicture.has(name) ? this.perClass(name) : this.flat(name);
  }

  /** The axes of a sum became an input with version 13. */
  sumOfLast(value: string, keepdims: 0 | 1): string {
    if (this.opset < 13) return this.node('ReduceSum', [value], { axes: [-1], keepdims });
    return this.node('ReduceSum', [value, this.ints([1], [-1])], { keepdims });
  }

  /** Of a picture's elements, one number. */
  meanOfLast(value: string): string {
    const elements = this.node('Gather', [this.node('Shape', [value]), this.ints([1], [-1])], { axis: 0 });
    return this.node('Div', [this.sumOfLast(value, 1), this.node('Cast', [elements], { to: DataType.float32 })]);
  }
}
