import { attribute } from './attributes.ts';
import { DataType, type DataTypeName } from './data-types.ts';
import type { ModelMessage, NodeMessage, TensorMessage, ValueInfoMessage } from './messages.ts';
import { floatTensor, int64Tensor, uint8Tensor } from './tensor.ts';

type Dims = readonly (number | string)[];
type Attributes = Parameters<typeof attribute>[1];

/** The description of a graph's input or output; a dimension that is a name is dynamic. */
export const valueInfo = (name: string, type: DataTypeName, dims: Dims): ValueInfoMessage => ({
  name,
  type: {
    tensorType: {
      elemType: DataType[type],
      shape: { dim: dims.map((dim) => (typeof dim === 'number' ? { dimValue: dim } : { dimParam: dim })) },
    },
  },
});

/** A node without a name: those of a graph must differ, and a file's own may be anything. */
export const makeNode = (
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attributes: Readonly<Record<string, Attributes>> = {},
): NodeMessage => ({
  opType,
  input: [...input],
  output: [...output],
  attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
});

/**
 * Builds a graph node by node; values are known by their names.
 *
 *     const graph = new GraphBuilder('double', 13);
 *     graph.output(graph.node('Mul', [graph.input('x', 'float32', ['batch', 3]), graph.floats('two', [], [2])]), 'float32', ['batch', 3]);
 *     encodeModel(graph.model());
 */
export class GraphBuilder {
  readonly #nodes: NodeMessage[] = [];
  readonly #initializers: TensorMessage[] = [];
  readonly #inputs: ValueInfoMessage[] = [];
  readonly #outputs: ValueInfoMessage[] = [];
  readonly #shared = new Set<string>();
  #count = 0;

  constructor(
    private readonly name: string,
    private readonly opset: number,
  ) {}

  input(name: string, type: DataTypeName, dims: Dims): string {
    this.#inputs.push(valueInfo(name, type, dims));
    return name;
  }

  /** Declares an existing value as an output. */
  output(name: string, type: DataTypeName, dims: Dims): void {
    this.#outputs.push(valueInfo(name, type, dims));
  }

  tensor(tensor: TensorMessage): string {
    this.#initializers.push(tensor);
    return tensor.name;
  }

  floats(name: string, dims: readonly number[], values: ArrayLike<number>): string {
    return this.tensor(floatTensor(name, dims, values));
  }

  ints(name: string, dims: readonly number[], values: readonly number[]): string {
    return this.tensor(int64Tensor(name, dims, values));
  }

  bytes(name: string, dims: readonly number[], values: Uint8Array): string {
    return this.tensor(uint8Tensor(name, dims, values));
  }

  /** A constant number; the same one is written once. */
  scalar(value: number): string {
    return this.once(`scalar_${value}`, (name) => this.floats(name, [], [value]));
  }

  /** A constant list of whole numbers; the same one is written once. */
  list(values: readonly number[]): string {
    return this.once(`list_${values.join('_')}`, (name) => this.ints(name, [values.length], values));
  }

  /** Writes what has this name, unless it was written already. */
  once(name: string, write: (name: string) => string): string {
    if (this.#shared.has(name)) return name;
    this.#shared.add(name);
    return write(name);
  }

  /** Adds a node with one output, which is named `output` or after the operator, and returns its name. */
  node(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attributes>> = {},
    output = `${opType.toLowerCase()}_${this.#count}`,
  ): string {
    this.#count += 1;
    this.#nodes.push({ ...makeNode(opType, inputs, [output], attributes), name: output });
    return output;
  }

  model(): ModelMessage {
    return {
      irVersion: 8,
      producerName: 'rookery',
      opsetImport: [{ domain: '', version: this.opset }],
      graph: {
        name: this.name,
        node: this.#nodes,
        initializer: this.#initializers,
        input: this.#inputs,
        output: this.#outputs,
        valueInfo: [],
      },
    };
  }
}
