import { DataType } from '../onnx/data-types.ts';
import { type GraphView, viewGraph } from '../onnx/graph-view.ts';
import type { GraphMessage, NodeMessage } from '../onnx/messages.ts';

/** A layer whose multiplications can be done with bytes. */
export interface Layer {
  readonly node: NodeMessage;
  /** Its name in reports: that of its result. */
  readonly name: string;
  /** What it reads. */
  readonly input: string;
  /** What stands for its result: behind its activation, where it has one. */
  readonly result: string;
}

/** Convolutions and dense layers with constant float32 weights, in the order of the graph. */
export function layersOf(graph: GraphMessage): Layer[] {
  const view = viewGraph(graph);
  return graph.node
    .filter((node) => hasConstantWeights(node, view))
    .map((node) => ({ node, name: node.output[0] ?? '', input: node.input[0] ?? '', result: resultOf(node, view) }));
}

/** Values that become bytes, apart from inputs: of these layers, and of what joins only such values. */
export function byteValues(graph: GraphMessage, layers: readonly Layer[]): Set<string> {
  const values = new Set(
    layers.flatMap(({ node, input, result }) => (node.opType === 'Gemm' ? [input] : [input, result])),
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

/** Sums, means and joints of values that are bytes on both sides are computed with bytes, too. */
const joins = new Set(['Add', 'GlobalAveragePool', 'Concat', 'MaxPool', 'AveragePool']);

function hasConstantWeights(node: NodeMessage, view: GraphView): boolean {
  const weights = view.constants.get(node.input[1] ?? '');
  const bias = node.input[2] ?? '';
  const known = bias === '' || view.constants.has(bias);
  return ['Conv', 'Gemm'].includes(node.opType) && weights?.dataType === DataType.float32 && known;
}

function resultOf(node: NodeMessage, view: GraphView): string {
  const [output = ''] = node.output;
  const next = view.soleConsumer(output);
  return (next && ['Relu', 'Clip'].includes(next.opType) ? next.output[0] : undefined) ?? output;
}
