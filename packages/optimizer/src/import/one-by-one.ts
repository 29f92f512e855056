import type { DataTypeName } from '../onnx/data-types.ts';
import { dataTypeName } from '../onnx/data-types.ts';
import { makeNode, valueInfo } from '../onnx/graph-builder.ts';
import { nameMaker } from '../onnx/graph-view.ts';
import { toNumber } from '../onnx/int64.ts';
import type { ModelMessage, ValueInfoMessage } from '../onnx/messages.ts';
import { int64Tensor } from '../onnx/tensor.ts';

/**
 * Wraps a graph that takes exactly one picture into one that takes any number and runs it on each in turn: ONNX's Scan, whose body it
 * becomes. Constants stay outside, where the body sees them.
 */
export function runOneByOne({ graph }: ModelMessage): void {
  const [input] = graph.input;
  const [output] = graph.output;
  if (!input || !output) return;
  const fresh = nameMaker(graph);
  const one = describe(input);
  const scores = describe(output);
  const picture = fresh('picture');
  const row = fresh('scores');
  const shapes = [
    int64Tensor(fresh('one_picture'), [one.dims.length], one.dims),
    int64Tensor(fresh('one_row'), [1], [-1]),
  ];
  const [asBatch = '', asRow = ''] = shapes.map(({ name }) => name);
  const inside = fresh(`${input.name}_one`);
  for (const node of graph.node) node.input = node.input.map((name) => (name === input.name ? inside : name));
  const last = fresh(`${output.name}_one`);
  for (const node of graph.node) {
    node.output = node.output.map((name) => (name === output.name ? last : name));
    node.input = node.input.map((name) => (name === output.name ? last : name));
  }
  const body = {
    name: 'one_picture',
    node: [makeNode('Reshape', [picture, asBatch], [inside]), ...graph.node, makeNode('Reshape', [last, asRow], [row])],
    initializer: [],
    input: [valueInfo(picture, one.type, one.dims.slice(1))],
    output: [valueInfo(row, scores.type, scores.dims.slice(1))],
    valueInfo: [],
  };
  graph.node = [makeNode('Scan', [input.name], [output.name], { num_scan_inputs: 1, body: { graph: body } })];
  graph.initializer = [...graph.initializer, ...shapes];
  graph.input = [valueInfo(input.name, one.type, ['batch', ...one.dims.slice(1)])];
  graph.output = [valueInfo(output.name, scores.type, ['batch', ...scores.dims.slice(1)])];
  graph.valueInfo = [];
}

function describe({ type }: ValueInfoMessage): { type: DataTypeName; dims: number[] } {
  const dims = (type?.tensorType?.shape?.dim ?? []).map(({ dimValue }) =>
    dimValue === undefined ? 1 : toNumber(dimValue),
  );
  return { type: dataTypeName(type?.tensorType?.elemType ?? 0) ?? 'float32', dims };
}
