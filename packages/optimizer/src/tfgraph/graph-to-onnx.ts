import { RookeryError } from '@rookery/contracts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import type { ModelMessage } from '../onnx/messages.ts';
import { type Constant, dimsOf, tensorConstant } from './constant.ts';
import { flowOf, NodeContext, type Value } from './conversion.ts';
import type { ShapeMessage, TfNode } from './messages.ts';
import { operatorConverters } from './operators/index.ts';

/** A graph whose calls are inlined, and what of it is meant. */
export interface TfGraph {
  readonly nodes: ReadonlyMap<string, TfNode>;
  /** The picture input: `node`. */
  readonly input: string;
  readonly inputShape: ShapeMessage | null | undefined;
  /** What it takes (`TfType`). */
  readonly inputType?: number | undefined;
  /** Outputs: `node` or `node:output`. */
  readonly outputs: readonly string[];
  /** Values of variables, or of constants that are kept beside the graph, by the names of their nodes. */
  readonly values: ReadonlyMap<string, Constant>;
}

const opset = 13;
const constants = new Set(['Const', 'VarHandleOp', 'VariableV2', 'Variable']);
const invalid = (detail: string): RookeryError => new RookeryError('MODEL_INVALID', { detail });

/** `name:0` and `name` are the same. */
const splitInput = (input: string): [string, number] => {
  const at = input.lastIndexOf(':');
  return at < 0 ? [input, 0] : [input.slice(0, at), Number(input.slice(at + 1))];
};

/** The nodes that the outputs need, each after what it reads. @throws {RookeryError} MODEL_INVALID */
export function neededNodes({ nodes, input, outputs }: Pick<TfGraph, 'nodes' | 'input' | 'outputs'>): TfNode[] {
  const order: TfNode[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const stack = outputs.map((output) => splitInput(output)[0]);
  for (let name = stack.at(-1); name !== undefined; name = stack.at(-1)) {
    const node = nodes.get(name);
    if (!node) throw invalid(`there is no node ${JSON.stringify(name)}`);
    const reads = name === input ? [] : node.input.map((each) => splitInput(each)[0]);
    const missing = reads.filter((each) => state.get(each) !== 'done');
    if (state.get(name) === 'done' || missing.length === 0) {
      if (state.get(name) !== 'done') order.push(node);
      state.set(name, 'done');
      stack.pop();
    } else {
      if (state.get(name) === 'open') throw invalid(`node ${JSON.stringify(name)} waits for itself`);
      state.set(name, 'open');
      stack.push(...missing);
    }
  }
  return order;
}

/**
 * Writes a TensorFlow graph as ONNX, float32, input `pixels` `[batch, height, width, 3]`, the inside NCHW as the engine wants it.
 * @throws {RookeryError} MODEL_OPERATOR_UNSUPPORTED with the node and its operator; MODEL_INVALID.
 */
export function graphToOnnx(tf: TfGraph, size: { width?: number; height?: number } = {}): ModelMessage {
  const dims = dimsOf(tf.inputShape) ?? [-1, -1, -1, 3];
  if (dims.length !== 4) throw invalid(`input ${JSON.stringify(tf.input)} is [${dims}], not a batch of pictures`);
  const open = (own: number | undefined, asked: number | undefined): number => (own && own > 0 ? own : (asked ?? 224));
  const [height, width, channels] = [open(dims[1], size.height), open(dims[2], size.width), open(dims[3], 3)];
  const graph = new GraphBuilder('tensorflow', opset);
  const pixels = graph.input('pixels', 'float32', ['batch', height, width, channels]);
  const start = flowOf(graph.node('Transpose', [pixels], { perm: [0, 3, 1, 2] }), [
    dims[0] === 1 ? 1 : -1,
    height,
    width,
    channels,
  ]);
  const made = new Map<string, readonly Value[]>();
  for (const node of neededNodes(tf))
    made.set(node.name, node.name === tf.input ? [start] : convert(tf, node, made, graph));
  let count = 0;
  for (const output of tf.outputs) {
    const [name, at] = splitInput(output);
    const value = made.get(name)?.[at];
    if (value?.kind !== 'flow') continue;
    const final = graph.node(
      'Identity',
      [new NodeContext(graph, tfIdentity(name), []).inFileOrder(value)],
      {},
      `scores${count || ''}`,
    );
    graph.output(final, 'float32', ['batch', ...value.shape.slice(1)]);
    count += 1;
  }
  if (count === 0) throw invalid('none of its outputs depends on the picture');
  return { ...graph.model(), producerName: 'tensorflow' };
}

const tfIdentity = (name: string): TfNode => ({ name, op: 'Identity', input: [], attr: {} });

function convert(
  tf: TfGraph,
  node: TfNode,
  made: ReadonlyMap<string, readonly Value[]>,
  graph: GraphBuilder,
): readonly Value[] {
  const where = `node ${JSON.stringify(node.name)} (${node.op})`;
  if (constants.has(node.op)) {
    const tensor = node.attr.value?.tensor;
    const known =
      tf.values.get(node.name) ?? (tensor && node.attr.dtype?.type !== 7 ? tensorConstant(tensor, where) : undefined);
    return known ? [known] : [];
  }
  const inputs = node.input.map((each) => {
    const [name, at] = splitInput(each);
    return made.get(name)?.[at];
  });
  const context = new NodeContext(graph, node, inputs);
  const converter = operatorConverters.get(node.op);
  if (!converter) throw context.unsupported();
  const result = converter(context);
  return Array.isArray(result) ? result : [result as Value];
}
