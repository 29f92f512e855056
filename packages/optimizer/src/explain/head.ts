import { intOf, intsOf } from '../onnx/attributes.ts';
import { type GraphView, viewGraph } from '../onnx/graph-view.ts';
import { axesOf, isMeanOverPlaces } from '../onnx/means-over-places.ts';
import type { GraphMessage, NodeMessage } from '../onnx/messages.ts';
import { tensorDims, tensorNumbers } from '../onnx/tensor.ts';
import { gradientRules, takesMeans } from './gradient-rules.ts';

/** What lies between the last features with a place in the picture and the logits. */
export interface Head {
  /** `[batch, channels, height, width]`. */
  readonly features: string;
  /** From the features to the logits, in the graph's order; a value may be read by several of them. */
  readonly steps: readonly HeadStep[];
  readonly logits: string;
}

export interface HeadStep {
  readonly node: NodeMessage;
  /** Places of its inputs that depend on the picture. */
  readonly data: readonly number[];
}

const poolings = new Set(['GlobalAveragePool', 'GlobalMaxPool', 'AveragePool', 'MaxPool', 'ReduceMean']);

/**
 * Walks from the scores back to the pooling that takes the place out of the features, or to what flattens them where nothing is pooled.
 * `undefined` where the head has more than one source, or a gradient that is not known here.
 */
export function findHead(graph: GraphMessage, output: string): Head | undefined {
  const view = viewGraph(graph);
  const logits = logitsOf(output, view);
  const wanted = new Set([logits]);
  const steps: HeadStep[] = [];
  for (const node of graph.node.toReversed()) {
    if (!node.output.some((name) => wanted.has(name))) continue;
    const step = { node, data: dataOf(node, view) };
    const [at = -1, ...others] = step.data;
    const features = node.input[at] ?? '';
    if (isPooling(node, view)) {
      if (wanted.size > 1 || others.length > 0 || features === '') return flattened(steps, logits, view);
      return takesAll(node, steps, view) ? { features, steps: [step, ...steps], logits } : undefined;
    }
    if (!hasRule(step, view)) return flattened(steps, logits, view);
    steps.unshift(step);
    for (const name of node.output) wanted.delete(name);
    for (const place of step.data) wanted.add(node.input[place] ?? '');
  }
  return flattened(steps, logits, view);
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
  const features = step?.node.input[step.data[0] ?? -1] ?? '';
  const rest = steps.slice(Math.max(0, first));
  const made = new Set(rest.flatMap(({ node }) => node.output));
  const closed = rest.slice(1).every(({ node, data }) => data.every((at) => made.has(node.input[at] ?? '')));
  if (!step || !closed || view.producers.get(features)?.opType === 'Transpose') return undefined;
  return rest.some(({ node }) => node.opType === 'Conv' || takesMeans(node))
    ? undefined
    : { features, steps: rest, logits };
}

const joins = /^(Add|Sub|Mul|Div)$/;

/** Whether a gradient passes through a step that is known here: only what joins two values may have two that depend on the picture. */
function hasRule({ node, data }: HeadStep, view: GraphView): boolean {
  if (!(node.opType in gradientRules) || data.length === 0) return false;
  return joins.test(node.opType) || (data.join() === '0' && (node.opType !== 'Conv' || isDense(node, view)));
}

/** Places of the inputs that are no constants. */
const dataOf = (node: NodeMessage, view: GraphView): readonly number[] =>
  node.input.flatMap((name, at) => (name !== '' && !isConstant(name, view) ? [at] : []));

/** Whether it is the same for every picture: an initializer, or computed from such. */
function isConstant(name: string, view: GraphView): boolean {
  if (view.constants.has(name)) return true;
  const node = view.producers.get(name);
  if (!node) return false;
  return node.input.every((input) => input === '' || isConstant(input, view));
}

const isGlobal = ({ opType }: NodeMessage): boolean => opType.startsWith('Global') || opType === 'ReduceMean';

/** A mean over other axes than the picture's is a step of the head. */
const isPooling = (node: NodeMessage, view: GraphView): boolean =>
  poolings.has(node.opType) && (node.opType !== 'ReduceMean' || isMeanOverPlaces(node, view));

/** Whether all of a pooled value's gradient arrives in the features, and what follows is made for values that are pooled so. */
function takesAll(node: NodeMessage, steps: readonly HeadStep[], view: GraphView): boolean {
  if (isGlobal(node)) return meansAreWhole(node, steps, view);
  const plain = !node.attribute.some(({ name }) => name === 'auto_pad');
  const inside = (intsOf(node, 'pads') ?? []).every((pad) => pad === 0);
  return plain && inside && !steps.some((step) => step.node.opType === 'Conv' || takesMeans(step.node));
}

/**
 * Whether each mean within the head is that of all channels, as in a layer normalisation: the channels are still the second axis, and the
 * last one once the axes of the picture are gone.
 */
function meansAreWhole(pooling: NodeMessage, steps: readonly HeadStep[], view: GraphView): boolean {
  if (!steps.some(({ node }) => takesMeans(node))) return true;
  let flat = pooling.opType === 'ReduceMean' && intOf(pooling, 'keepdims', 1) === 0;
  for (const { node } of steps) {
    if (node.opType === 'Reshape') {
      const shape = view.constants.get(node.input[1] ?? '');
      if (!shape || tensorNumbers(shape).length !== 2) return false;
    }
    flat ||= /^(Flatten|Reshape|Squeeze)$/.test(node.opType);
    if (!takesMeans(node)) continue;
    const [axis, ...others] = node.opType === 'ReduceMean' ? axesOf(node, view) : [intOf(node, 'axis', -1)];
    const whole = flat ? axis === 1 || axis === -1 : axis === 1 && node.opType === 'ReduceMean';
    if (!whole || others.length > 0 || intOf(node, 'keepdims', 1) !== 1) return false;
  }
  return true;
}

/** A convolution of one pixel: a dense layer where the picture has been pooled to one. */
function isDense(node: NodeMessage, view: GraphView): boolean {
  const weights = node.input[1] ?? '';
  const own = view.constants.get(weights) ?? view.constants.get(view.producers.get(weights)?.input[0] ?? '');
  const [, , height, width] = own ? tensorDims(own) : [];
  return height === 1 && width === 1 && intOf(node, 'group', 1) === 1;
}
