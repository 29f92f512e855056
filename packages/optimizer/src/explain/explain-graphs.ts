import type { ExplainGraphs } from '@rookery/contracts';
import { decodeModel, encodeModel } from '../onnx/codec.ts';
import { makeNode, valueInfo } from '../onnx/graph-builder.ts';
import { nameMaker, valuesReadBy, viewGraph } from '../onnx/graph-view.ts';
import { toNumber } from '../onnx/int64.ts';
import type { GraphMessage, ModelMessage, NodeMessage } from '../onnx/messages.ts';
import { withBothLogits } from './binary-logits.ts';
import { changesNothing, gradientRules, rowsOfClasses } from './gradient-rules.ts';
import { GraphWriter } from './graph-writer.ts';
import { findHead, type Head, type HeadStep } from './head.ts';

/**
 * The graphs for Grad-CAM (Selvaraju et al., 2017) of a serving graph whose head is pooling, dense layers and what is between them: the
 * gradient of such a head is written down as a graph of its own, so that nothing has to be differentiated when it is run.
 * @param output the graph's output; a softmax or sigmoid that makes it, in whatever shape, is left out: what is explained is the logit.
 * @returns `undefined` where the head has another form.
 * @throws {RookeryError} MODEL_INVALID where the file is not an ONNX model.
 */
export function explainGraphs(file: Uint8Array, output: string, classes: number): ExplainGraphs | undefined {
  const model = decodeModel(file);
  const { graph, output: explained } = withBothLogits(model, output);
  const head = findHead(graph, explained);
  if (!head) return undefined;
  const features = nameMaker(model.graph)('explain_features');
  return {
    watched: encodeModel(watchedModel(model, head, features)),
    features,
    maps: encodeModel(mapsModel({ ...model, graph }, head, classes)),
  };
}

/** A copy of the node that makes the features makes one more output; the others read what they read before, so that they are fused alike. */
function watchedModel(model: ModelMessage, { features }: Head, name: string): ModelMessage {
  const { graph } = model;
  const maker = viewGraph(graph).producers.get(features);
  const dequantised = maker?.opType === 'DequantizeLinear';
  const copy: NodeMessage = dequantised
    ? { ...maker, output: [name], name }
    : { opType: 'Identity', input: [features], output: [name], attribute: [], name };
  return {
    ...model,
    graph: { ...graph, node: [...graph.node, copy], output: [...graph.output, valueInfo(name, 'float32', fourDims)] },
  };
}

const fourDims = ['batch', 'channels', 'rows', 'columns'];

function mapsModel(model: ModelMessage, head: Head, classes: number): ModelMessage {
  const { graph } = model;
  const { features, steps, logits } = head;
  const fresh = nameMaker(graph);
  const [chosen, maps] = [fresh('explain_classes'), fresh('explain_maps')];
  const ofPicture = new Set([features, ...steps.flatMap(({ node }) => node.output)]);
  const opset = toNumber(model.opsetImport.find(({ domain = '' }) => domain === '')?.version ?? 0);
  const write = new GraphWriter(fresh, opset, ofPicture);
  const gradient = gradientOf(write, head, chosen, classes);
  const channels = write.node('Gather', [write.node('Shape', [features]), write.ints([1], [1])], { axis: 0 });
  const shape = write.node('Concat', [write.ints([2], [0, 0]), channels, write.ints([1], [-1])], { axis: 0 });
  const weights = write.sumOfLast(write.node('Reshape', [gradient, shape]), 0);
  const positive = write.node('Relu', [write.node('MatMul', [weights, write.reshape(features, [0, 0, -1])])]);
  const forward = needed(graph, { features, logits });
  return {
    ...model,
    graph: {
      name: 'maps',
      node: [...forward.node, ...write.nodes, makeNode('Identity', [positive], [maps])],
      initializer: [...forward.initializer, ...write.initializers],
      input: [valueInfo(features, 'float32', fourDims), valueInfo(chosen, 'int64', ['batch', 'n'])],
      output: [valueInfo(maps, 'float32', ['batch', 'n', 'places'])],
      valueInfo: [],
    },
  };
}

/**
 * The gradients of the chosen classes' logits where the first step leaves off, which pools or flattens: what arrives at a channel, wherever in
 * it, is that channel's weight.
 */
function gradientOf(write: GraphWriter, { steps, logits }: Head, classes: string, count: number): string {
  const [first, ...others] = steps;
  const of = new Map<string, string>();
  const narrow = numbersOf(others);
  const isPlain = ({ node, data }: HeadStep): boolean => changesNothing(node) && data.length === 1;
  const end = others.findLastIndex((step) => !isPlain(step));
  const last = others[end];
  const rows = last && rowsOfClasses(write, classes, last.node);
  if (last && rows) of.set(last.node.input[0] ?? '', rows);
  else {
    const onlyOne = [classes, write.ints([], [count]), write.floats([2], [0, 1])];
    of.set(last?.node.output[0] ?? logits, write.node('OneHot', onlyOne, { axis: -1 }));
  }
  for (const { node, data } of others.slice(0, rows ? end : end + 1).reverse()) {
    const [result = ''] = node.output;
    for (const at of data) {
      const input = node.input[at] ?? '';
      const whole = gradientRules[node.opType]?.(write, of.get(result) ?? '', node, at) ?? '';
      const own = narrow.has(input) && !narrow.has(result) ? write.sumOfLast(whole, 1) : whole;
      const known = of.get(input);
      of.set(input, known === undefined ? own : write.node('Add', [known, own]));
    }
  }
  return of.get(last ? (first?.node.output[0] ?? '') : logits) ?? '';
}

/** Values that are one number for each picture: means, and what is made of them alone. */
function numbersOf(steps: readonly HeadStep[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { node, data } of steps)
    if (node.opType === 'ReduceMean' || data.every((at) => found.has(node.input[at] ?? '')))
      for (const name of node.output) found.add(name);
  return found;
}

/** The part of a graph that leads from the features to the logits, in its order. */
function needed({ node, initializer }: GraphMessage, { features, logits }: Pick<Head, 'features' | 'logits'>) {
  const wanted = new Set([logits]);
  const nodes: NodeMessage[] = [];
  for (const each of node.toReversed()) {
    if (each.output.includes(features) || !each.output.some((name) => wanted.has(name))) continue;
    nodes.unshift(each);
    for (const name of valuesReadBy(each)) wanted.add(name);
  }
  return { node: nodes, initializer: initializer.filter(({ name }) => wanted.has(name)) };
}
