import { intOf, intsOf } from '../onnx/attributes.ts';
import { type GraphView, viewGraph } from '../onnx/graph-view.ts';
import type { GraphMessage, NodeMessage } from '../onnx/messages.ts';
import { tensorDims, tensorNumbers } from '../onnx/tensor.ts';
import { gradientRules } from './gradient-rules.ts';

/** What lies between the last features with a place in the picture and the logits. */
export interface Head {
  /** `[batch, channels, height, width]`. */
  readonly features: string;
  /** From the features to the logits, in order, each with the value that it gets from the one before. */
  readonly steps: readonly HeadStep[];
  readonly logits: string;
}

export interface HeadStep {
  readonly node: NodeMessage;
  readonly data: string;
}

const poolings = new Set(['GlobalAveragePool', 'GlobalMaxPool', 'AveragePool', 'MaxPool', 'ReduceMean']);

/**
 * Walks from the scores back to the pooling that takes the place out of the features, or to what flattens them where nothing is pooled.
 * `undefined` where something on the way has more than one source, or a gradient that is not known here.
 */
export function findHead(graph: GraphMessage, output: string): Head | undefined {
  const view = viewGraph(graph);
  const logits = logitsOf(output, view);
  const steps: HeadStep[] = [];
  for (let value = logits; ; ) {
    const node = view.producers.get(value);
    const data = node && dataOf(node, view);
    if (!node || data === undefined) return flattened(steps, logits, view);
    if (poolings.has(node.opType)) {
      if (!pools(node, view) || (!isGlobal(node) && steps.some((step) => step.node.opType === 'Conv')))
        return undefined;
      return { features: data, steps: [{ node, data }, ...steps], logits };
    }
    if (!(node.opType in gradientRules) || (node.opType === 'Conv' && !isDense(node, view)))
      return flattened(steps, logits, view);
    steps.unshift({ node, data });
    value = data;
  }
}

const reshaping = /^(Flatten|Reshape|Squeeze|Identity)$/;

/** What the softmax or sigmoid takes that makes the output, or makes what is only given another shape after it. */
function logitsOf(output: string, view: GraphView): string {
  let last = view.producers.get(output);
  while (last && reshaping.test(last.opType)) last = view.producers.get(last.input[0] ?? '');
  return last && /^(Softmax|Sigmoid)$/.test(last.opType) ? (last.input[0] ?? '') : output;
}

/** Nothing is pooled: the features are what a Flatten or Reshape takes, unless it only drops axes of one element. */
function flattened(steps: readonly HeadStep[], logits: string, view: GraphView): Head | undefined {
  const first = steps.findIndex(({ node }) => node.opType === 'Flatten' || node.opType === 'Reshape');
  const step = steps[first];
  const made = step && view.producers.get(step.data)?.opType;
  const rest = steps.slice(Math.max(0, first));
  if (!step || made === 'Transpose' || rest.some(({ node }) => node.opType === 'Conv')) return undefined;
  return { features: step.data, steps: rest, logits };
}

/** The one input that is no constant. */
function dataOf(node: NodeMessage, view: GraphView): string | undefined {
  const data = node.input.filter((name) => name !== '' && !isConstant(name, view));
  return data.length === 1 ? data[0] : undefined;
}

/** Whether it is the same for every picture: an initializer, or computed from such. */
function isConstant(name: string, view: GraphView): boolean {
  if (view.constants.has(name)) return true;
  const node = view.producers.get(name);
  if (!node) return false;
  return node.input.every((input) => input === '' || isConstant(input, view));
}

const isGlobal = ({ opType }: NodeMessage): boolean => opType.startsWith('Global') || opType === 'ReduceMean';

/** Whether all of a pooled value's gradient arrives in the features, and nothing but the two axes of the picture is pooled. */
function pools(node: NodeMessage, view: GraphView): boolean {
  if (node.opType !== 'ReduceMean') return (intsOf(node, 'pads') ?? []).every((pad) => pad === 0) && isPlain(node);
  const tensor = view.constants.get(node.input[1] ?? '');
  const axes = intsOf(node, 'axes') ?? (tensor ? [...tensorNumbers(tensor)] : []);
  return [...axes].sort((a, b) => a - b).join() === '2,3' || [...axes].sort((a, b) => a - b).join() === '-2,-1';
}

const isPlain = (node: NodeMessage): boolean => !node.attribute.some(({ name }) => name === 'auto_pad');

/** A convolution of one pixel: a dense layer where the picture has been pooled to one. */
function isDense(node: NodeMessage, view: GraphView): boolean {
  const weights = node.input[1] ?? '';
  const own = view.constants.get(weights) ?? view.constants.get(view.producers.get(weights)?.input[0] ?? '');
  const [, , height, width] = own ? tensorDims(own) : [];
  return height === 1 && width === 1 && intOf(node, 'group', 1) === 1;
}
