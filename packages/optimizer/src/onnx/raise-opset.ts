import { attribute, floatOf, intOf, intsOf } from './attributes.ts';
import { nameMaker } from './graph-view.ts';
import { toNumber } from './int64.ts';
import type { ModelMessage, NodeMessage } from './messages.ts';
import { floatTensor, int64Tensor } from './tensor.ts';

/** The oldest version that has scales a channel. */
const isStandard = (domain = ''): boolean => domain === '' || domain === 'ai.onnx';

export const opsetOfScales = 13;

/** Version 7 of the file format is the oldest for it. */
const irVersion = 7;

export const opsetOf = (model: ModelMessage): number =>
  toNumber(model.opsetImport.find(({ domain }) => isStandard(domain))?.version ?? 0);

/**
 * Writes a graph of an older operator set in that of 13, in place: what were attributes until then become inputs
 * (https://github.com/onnx/onnx/blob/main/docs/Changelog.md). Operators that changed in other ways stay as they are, and inner graphs
 * too: the runtime refuses them, or the scores tell. So compare afterwards.
 */
export function raiseOpset(model: ModelMessage): void {
  const { graph } = model;
  const fresh = nameMaker(graph);
  const constants = [...graph.initializer];
  const ints = (base: string, values: readonly number[]): string => {
    const name = fresh(base);
    constants.push(int64Tensor(name, [values.length], values));
    return name;
  };
  const number = (base: string, value: number): string => {
    const name = fresh(base);
    constants.push(floatTensor(name, [], [value]));
    return name;
  };
  graph.node = graph.node.map((node) => (isStandard(node.domain) ? raised(node, ints, number) : node));
  graph.initializer = constants;
  model.opsetImport = model.opsetImport.map((each) =>
    isStandard(each.domain) ? { ...each, version: opsetOfScales } : each,
  );
  model.irVersion = Math.max(toNumber(model.irVersion), irVersion);
}

type Constant<Value> = (base: string, value: Value) => string;

function raised(node: NodeMessage, ints: Constant<readonly number[]>, number: Constant<number>): NodeMessage {
  const [value = ''] = node.input;
  const list = (name: string): string[] => {
    const values = intsOf(node, name);
    return values ? [ints(name, values)] : [];
  };
  const only = node.input.length === 1;
  switch (node.opType) {
    case 'Clip':
      if (!only) return node;
      return without(
        node,
        ['min', 'max'],
        [
          value,
          has(node, 'min') ? number('low', floatOf(node, 'min', 0)) : '',
          has(node, 'max') ? number('high', floatOf(node, 'max', 0)) : '',
        ],
      );
    case 'Dropout':
      return node.output.length === 1 ? { ...node, opType: 'Identity', input: [value], attribute: [] } : node;
    case 'Pad':
      return only
        ? without(node, ['pads', 'value'], [value, ...list('pads'), number('value', floatOf(node, 'value', 0))])
        : node;
    case 'Slice':
      if (!only) return node;
      return without(node, ['starts', 'ends', 'axes'], [value, ...list('starts'), ...list('ends'), ...list('axes')]);
    case 'Squeeze':
    case 'Unsqueeze':
    case 'ReduceSum':
      return only ? without(node, ['axes'], [value, ...list('axes')]) : node;
    case 'Split':
      return only ? without(node, ['split'], [value, ...list('split')]) : node;
    // Until then over all axes from this one on, which mostly is the last that is not 1.
    case 'Softmax':
    case 'LogSoftmax':
      return { ...node, attribute: [attribute('axis', intOf(node, 'axis', 1))] };
    default:
      return node;
  }
}

const has = (node: NodeMessage, name: string): boolean => node.attribute.some((each) => each.name === name);

function without(node: NodeMessage, names: readonly string[], inputs: readonly string[]): NodeMessage {
  const given = inputs.slice(0, inputs.findLastIndex((name) => name !== '') + 1);
  return { ...node, input: given, attribute: node.attribute.filter(({ name }) => !names.includes(name)) };
}
