import { makeNode, valueInfo } from '../onnx/graph-builder.ts';
import { nameMaker, replaceReads } from '../onnx/graph-view.ts';
import type { ModelMessage, NodeMessage } from '../onnx/messages.ts';
import { floatTensor } from '../onnx/tensor.ts';
import { isFloatType, type ModelInput, typeId } from './model-input.ts';

/** Of red, green and blue: ITU-R BT.601, by which OpenCV and Pillow make grey of colours. */
const luma = [0.299, 0.587, 0.114] as const;

/**
 * Lets a model of one channel take three: the same input, under the same name, whose grey the graph works out first. Since the weights
 * sum to 1, what each channel was scaled and shifted by holds for the grey.
 */
export function widenGrey({ graph }: ModelMessage, input: ModelInput): ModelInput {
  const { name, layout, type, height, width, fixedBatch } = input;
  const fresh = nameMaker(graph);
  const grey = fresh('grey');
  replaceReads(graph, name, grey);
  const nodes: NodeMessage[] = [];
  const nchw = layout === 'nchw';
  const weights = floatTensor(fresh('luma'), nchw ? [1, 3, 1, 1] : [3, 1], luma);
  const constants = [weights];
  let value = name;
  const step = (op: string, output: string, extra: readonly string[] = [], attributes = {}): void => {
    nodes.push(makeNode(op, [value, ...extra], [output], attributes));
    value = output;
  };
  step(nchw ? 'Conv' : 'MatMul', type === 'float32' ? grey : fresh('grey_sum'), [weights.name]);
  if (!isFloatType(type)) {
    // Rounds half up, as conversions of pictures do.
    const half = floatTensor(fresh('grey_half'), [], [0.5]);
    constants.push(half);
    step('Add', fresh('grey_up'), [half.name]);
    step('Floor', fresh('grey_whole'));
  }
  if (type !== 'float32') step('Cast', grey, [], { to: typeId(type) });
  graph.node = [...nodes, ...graph.node];
  graph.initializer = [...graph.initializer, ...constants];
  const sides = nchw ? [3, height, width] : [height, width, 3];
  graph.input = [valueInfo(name, 'float32', [fixedBatch ?? 'batch', ...sides])];
  graph.valueInfo = [];
  return { ...input, type: 'float32', isGrey: false };
}
