import { DataType } from '../onnx/data-types.ts';
import { type GraphView, viewGraph } from '../onnx/graph-view.ts';
import type { GraphMessage, NodeMessage } from '../onnx/messages.ts';
import { tensorDims } from '../onnx/tensor.ts';

/** A layer whose multiplications can be done with bytes. */
export interface Layer {
  readonly node: NodeMessage;
  /** Its name in reports: that of its result. */
  readonly name: string;
  /** What it reads. */
  readonly input: string;
  /** What stands for its result: behind its activation, where it has one. */
  readonly result: string;
  /** The constant that is its bias: an input of its own, or, behind a product of matrices, what is added to it and nothing else. */
  readonly bias: string | undefined;
}

/** Convolutions, dense layers and products of a value and a matrix, with constant float32 weights, in the order of the graph. */
export function layersOf(graph: GraphMessage): Layer[] {
  const view = viewGraph(graph);
  return graph.node
    .filter((node) => hasConstantWeights(node, view))
    .map((node) => ({
      node,
      name: node.output[0] ?? '',
      input: node.input[0] ?? '',
      result: resultOf(node, view),
      bias: node.opType === 'MatMul' ? addedTo(node, view) : node.input[2] || undefined,
    }));
}

/** Values that become bytes, apart from inputs: of these layers, and of what joins only such values. */
export function byteValues(graph: GraphMessage, layers: readonly Layer[]): Set<string> {
  // What dense layers and products of matrices give is mostly added to, or normalised, in float32.
  const values = new Set(
    layers.flatMap(({ node, input, result }) => (node.opType === 'Conv' ? [input, result] : [input])),
  );
  for (const node of graph.node)
    if (joins.has(node.opType) && node.input.every((name) => values.has(name))) values.add(node.output[0] ?? '');
  return values;
}

/** Values that must have the scale of another one, since nothing is computed in between: by their name. */
export function sharedScales(graph: GraphMessage, values: ReadonlySet<string>): Map<string, string> {
  const shared = new Map<string, string>();
  for (const { opType, input, output } of graph.node) {
    const [from = '', to = ''] = [input[0], output[0]];
    if (opType === 'MaxPool' && values.has(from) && values.has(to)) shared.set(to, shared.get(from) ?? from);
  }
  return shared;
}

/** Values whose channels are the last axis, as products of matrices read them; of others they are the second. */
export const channelsLast = (layers: readonly Layer[]): Set<string> =>
  new Set(layers.filter(({ node }) => node.opType === 'MatMul').map(({ input }) => input));

/** Sums, means and joints of values that are bytes on both sides are computed with bytes, too. */
const joins = new Set(['Add', 'GlobalAveragePool', 'Concat', 'MaxPool', 'AveragePool']);

function hasConstantWeights(node: NodeMessage, view: GraphView): boolean {
  const [value = '', weightsName = '', bias = ''] = node.input;
  const weights = view.constants.get(weightsName);
  if (weights?.dataType !== DataType.float32 || view.constants.has(value)) return false;
  if (node.opType === 'MatMul') return tensorDims(weights).length === 2;
  return ['Conv', 'Gemm'].includes(node.opType) && (bias === '' || view.constants.has(bias));
}

function addedTo(node: NodeMessage, view: GraphView): string | undefined {
  const add = view.soleConsumer(node.output[0] ?? '');
  if (add?.opType !== 'Add') return undefined;
  const name = add.input.find((each) => each !== node.output[0]) ?? '';
  const [constant, weights] = [view.constants.get(name), view.constants.get(node.input[1] ?? '')];
  if (constant?.dataType !== DataType.float32 || !weights || view.consumers(name).length !== 1) return undefined;
  const [dims, outputs] = [tensorDims(constant), tensorDims(weights)[1]];
  return dims.length === 1 && dims[0] === outputs ? name : undefined;
}

function resultOf(node: NodeMessage, view: GraphView): string {
  const [output = ''] = node.output;
  const next = view.soleConsumer(output);
  return (next && ['Relu', 'Clip'].includes(next.opType) ? next.output[0] : undefined) ?? output;
}
