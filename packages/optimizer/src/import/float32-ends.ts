import { cloneModel } from '../onnx/clone-model.ts';
import { DataType } from '../onnx/data-types.ts';
import { makeNode } from '../onnx/graph-builder.ts';
import { nameMaker, replaceReads } from '../onnx/graph-view.ts';
import type { ModelMessage, NodeMessage } from '../onnx/messages.ts';

/**
 * The same model with float32 where its inputs and outputs are float16, cast inside: newer Nodes have arrays of halves, which ONNX
 * Runtime's binding takes for empty ones. Names stay.
 */
export function withFloat32Ends(model: ModelMessage): ModelMessage {
  const isHalf = ({ type }: ModelMessage['graph']['input'][number]): boolean =>
    type?.tensorType?.elemType === DataType.float16;
  if (![...model.graph.input, ...model.graph.output].some(isHalf)) return model;
  const copy = cloneModel(model);
  const { graph } = copy;
  const fresh = nameMaker(graph);
  const first: NodeMessage[] = [];
  const last: NodeMessage[] = [];
  for (const input of graph.input.filter(isHalf)) {
    const half = fresh(`${input.name}_half`);
    replaceReads(graph, input.name, half);
    first.push(makeNode('Cast', [input.name], [half], { to: DataType.float16 }));
    if (input.type?.tensorType) input.type.tensorType.elemType = DataType.float32;
  }
  for (const output of graph.output.filter(isHalf)) {
    const half = fresh(`${output.name}_half`);
    for (const node of graph.node) node.output = node.output.map((name) => (name === output.name ? half : name));
    replaceReads(graph, output.name, half);
    last.push(makeNode('Cast', [half], [output.name], { to: DataType.float32 }));
    if (output.type?.tensorType) output.type.tensorType.elemType = DataType.float32;
  }
  graph.node = [...first, ...graph.node, ...last];
  graph.valueInfo = [];
  return copy;
}
