import { DataType } from '../onnx/data-types.ts';
import { makeNode, valueInfo } from '../onnx/graph-builder.ts';
import { nameMaker, replaceReads } from '../onnx/graph-view.ts';
import type { ModelMessage, NodeMessage, TensorMessage } from '../onnx/messages.ts';
import { floatTensor, int64Tensor } from '../onnx/tensor.ts';
import { type ModelInput, typeId } from './model-input.ts';
import type { Normalisation } from './normalisation.ts';

export type ServingInputType = 'uint8' | 'float32';

/** The serving graph's input is called so; nothing else in it may be. */
export const servingInput = 'images';

/**
 * Puts what turns decoded pictures into the model's own input before the model, one node a step; passes make less of it. The input
 * becomes `images` `[batch, height, width, 3]`, RGB in 0 to 255.
 */
export function attachFront(
  model: ModelMessage,
  input: ModelInput,
  normalisation: Normalisation,
  type: ServingInputType,
): void {
  const { graph } = model;
  const fresh = nameMaker(graph);
  const nodes: NodeMessage[] = [];
  const constants: TensorMessage[] = [];
  let value = servingInput;
  const step = (op: string, extra: readonly string[] = [], attributes: Parameters<typeof makeNode>[3] = {}): void => {
    const output = fresh(`front_${op.toLowerCase()}`);
    nodes.push(makeNode(op, [value, ...extra], [output], attributes));
    value = output;
  };
  const constant = (tensor: TensorMessage): string => {
    constants.push(tensor);
    return tensor.name;
  };
  const perChannel = (name: string, values: readonly number[]): string =>
    constant(floatTensor(fresh(name), input.layout === 'nchw' ? [1, 3, 1, 1] : [3], values));

  // Anything inside that has the name of the new input makes room.
  if (input.name !== servingInput) renameValue(model, servingInput, fresh('images_of_model'));

  if (input.layout === 'nchw') step('Transpose', [], { perm: [0, 3, 1, 2] });
  if (type !== 'float32') step('Cast', [], { to: DataType.float32 });
  if (normalisation.channels === 'bgr') {
    step('Gather', [constant(int64Tensor(fresh('bgr'), [3], [2, 1, 0]))], { axis: input.layout === 'nchw' ? 1 : 3 });
  }
  const { scale, mean, std } = normalisation;
  const scales = std.map((deviation) => scale / deviation);
  const divisors = scales.map((factor) => 1 / factor);
  // 1/255 is no float32, 255 is.
  const divides = divisors.every((divisor) => Math.fround(divisor) === divisor);
  const shifts = std.map((deviation, c) => -(mean[c] ?? 0) / deviation);
  if (scales.some((factor) => factor !== 1)) {
    step(divides ? 'Div' : 'Mul', [perChannel('front_scale', divides ? divisors : scales)]);
  }
  if (shifts.some((shift) => shift !== 0)) step('Add', [perChannel('front_shift', shifts)]);
  if (input.type === 'uint8' || input.type === 'int32') {
    // Rounds half up, as conversions of pictures do; whole numbers stay what they are.
    if (type === 'float32' || scales.some((factor) => factor !== 1)) {
      step('Add', [constant(floatTensor(fresh('front_half'), [], [0.5]))]);
      step('Floor');
    }
  }
  if (input.type !== 'float32') step('Cast', [], { to: typeId(input.type) });
  if (nodes.length === 0) step('Identity');

  graph.input = [valueInfo(servingInput, type, [input.fixedBatch ?? 'batch', input.height, input.width, 3])];
  replaceReads(graph, input.name, value);
  graph.node = [...nodes, ...graph.node];
  graph.initializer = [...graph.initializer, ...constants];
  // Shapes of the old input's batch; ONNX Runtime infers them again.
  graph.valueInfo = [];
}

function renameValue({ graph }: ModelMessage, from: string, to: string): void {
  for (const node of graph.node) node.output = node.output.map((name) => (name === from ? to : name));
  for (const described of [...graph.initializer, ...graph.output]) if (described.name === from) described.name = to;
  replaceReads(graph, from, to);
}
