import { makeNode, valueInfo } from '../onnx/graph-builder.ts';
import { nameMaker, replaceReads } from '../onnx/graph-view.ts';
import type { ModelMessage, NodeMessage } from '../onnx/messages.ts';
import { floatTensor } from '../onnx/tensor.ts';
import { isFloatType, type ModelInput, typeId } from './model-input.ts';

/** Lets a model take float32 whose input is of a type that nobody feeds: the same input, under the same name, and the cast inside. */
export function widenType({ graph }: ModelMessage, input: ModelInput): ModelInput {
  const { name, layout, type, height, width, fixedBatch } = input;
  const fresh = nameMaker(graph);
  const narrow = fresh(`${name}_${type}`);
  replaceReads(graph, name, narrow);
  const nodes: NodeMessage[] = [];
  let value = name;
  const step = (op: string, output: string, extra: readonly string[] = [], attributes = {}): void => {
    nodes.push(makeNode(op, [value, ...extra], [output], attributes));
    value = output;
  };
  if (!isFloatType(type)) {
    // Rounds half up, as conversions of pictures do.
    const half = floatTensor(fresh('input_half'), [], [0.5]);
    graph.initializer = [...graph.initializer, half];
    step('Add', fresh('input_up'), [half.name]);
    step('Floor', fresh('input_whole'));
  }
  step('Cast', narrow, [], { to: typeId(type) });
  graph.node = [...nodes, ...graph.node];
  const sides = layout === 'nchw' ? [3, height, width] : [height, width, 3];
  graph.input = [valueInfo(name, 'float32', [fixedBatch ?? 'batch', ...sides])];
  graph.valueInfo = [];
  return { ...input, type: 'float32' };
}
