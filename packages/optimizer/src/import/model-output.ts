import { RookeryError } from '@rookery/contracts';
import { DataType } from '../onnx/data-types.ts';
import { makeNode, valueInfo } from '../onnx/graph-builder.ts';
import { nameMaker, replaceReads, viewGraph } from '../onnx/graph-view.ts';
import type { ModelMessage } from '../onnx/messages.ts';
import { binaryOutput, isBinary } from './binary-output.ts';
import type { Activation, ImportOptions } from './import-options.ts';
import type { Rows } from './reference.ts';

/** The output that has as many numbers a picture as there are labels. @throws {RookeryError} LABELS_INVALID with both counts. */
export function chooseOutput(results: readonly Rows[], options: ImportOptions, notes: string[]): Rows {
  const wanted = options.labels.length;
  const size = ({ rows }: Rows): number => rows[0]?.length ?? 0;
  const named = options.output === undefined ? results : results.filter(({ name }) => name === options.output);
  if (named.length === 0) {
    throw new RookeryError('MODEL_INVALID', {
      detail: `no output ${options.output ?? ''} of numbers; it has ${results.map(({ name }) => name).join(', ')}`,
    });
  }
  const fitting = named.filter((result) => size(result) === wanted);
  const chosen = fitting.find(({ rows }) => rows.every(isDistribution)) ?? fitting[0] ?? binaryOutput(named, options);
  if (!chosen) {
    if (named.every(isMap)) {
      const shapes = named.map(({ name, dims }) => `${name} [${dims}]`).join(', ');
      throw new RookeryError('MODEL_INVALID', {
        detail: `it gives ${shapes}: a map or a list of boxes; a classifier gives one row of scores a picture`,
      });
    }
    const counts = named.map((result) => `${result.name} ${size(result)}`).join(', ');
    const background = named.some((result) => size(result) === wanted + 1)
      ? '; one more than labels: the first or last is probably a background class that the labels lack'
      : '';
    throw new RookeryError('LABELS_INVALID', {
      detail: `${wanted} labels, but the model gives ${counts}${background}`,
    });
  }
  if (isBinary(chosen) && wanted === 2)
    notes.push(
      `output: ${chosen.name}, one score: that of "${options.labels[1]}"; "${options.labels[0]}" has the rest`,
    );
  else if (results.length > 1)
    notes.push(
      `output: ${chosen.name} of ${results.map(({ name }) => name).join(', ')} (${wanted} numbers, as there are labels)`,
    );
  return chosen;
}

/** Numbers of several places a picture. */
const isMap = ({ dims }: Rows): boolean => dims.slice(1).filter((size) => size > 1).length > 1;

export const isDistribution = (row: Float64Array): boolean =>
  row.every((value) => value >= -1e-6 && value <= 1 + 1e-3) &&
  Math.abs(row.reduce((sum, value) => sum + value, 0) - 1) < 5e-3;

/** What is still to be done to the output, by the node that makes it and by what it gives for pictures. */
export function activationOf(model: ModelMessage, output: Rows, options: ImportOptions, notes: string[]): Activation {
  if (options.activation && options.activation !== 'auto') return options.activation;
  const noted = (activation: Activation, why: string): Activation => {
    notes.push(`activation: ${activation} (${why})`);
    return activation;
  };
  const last = lastOperator(model, output.name);
  if (last === 'Softmax') return noted('none', 'the graph ends with Softmax');
  if (last === 'Sigmoid') return noted('none', 'the graph ends with Sigmoid');
  if (isBinary(output)) {
    const isProbability = output.rows.every((row) => row.every((value) => value >= 0 && value <= 1));
    return isProbability
      ? noted('none', 'the score lay between 0 and 1 for every picture tried')
      : noted('sigmoid', 'one score, not between 0 and 1: a logit');
  }
  if (output.rows.every(isDistribution)) return noted('none', 'the output sums to 1 for every picture tried');
  if (output.rows.length === 0) return noted('softmax', 'a guess');
  return noted('softmax', 'the output does not sum to 1: logits');
}

/** The operator behind the output, seen through those that only change its shape or type. */
function lastOperator({ graph }: ModelMessage, output: string): string | undefined {
  const view = viewGraph(graph);
  let maker = view.producers.get(output);
  while (
    maker &&
    ['Identity', 'Cast', 'Reshape', 'Flatten', 'Squeeze', 'DequantizeLinear', 'QuantizeLinear'].includes(maker.opType)
  ) {
    maker = view.producers.get(maker.input[0] ?? '');
  }
  return maker?.opType;
}

/** Leaves one output, made float32 `[batch, classes]`, and returns its name. */
export function attachOutput(model: ModelMessage, output: Rows, batch: number | 'batch'): string {
  const { graph } = model;
  const fresh = nameMaker(graph);
  const type = graph.output.find(({ name }) => name === output.name)?.type?.tensorType?.elemType;
  const classes = output.rows[0]?.length ?? 0;
  let name = output.name;
  const step = (op: string, attributes: Parameters<typeof makeNode>[3]): void => {
    const next = fresh(`output_${op.toLowerCase()}`);
    graph.node = [...graph.node, makeNode(op, [name], [next], attributes)];
    name = next;
  };
  if (output.dims.length !== 2) step('Flatten', { axis: output.dims.length === 1 ? 0 : 1 });
  if (type !== DataType.float32) step('Cast', { to: DataType.float32 });
  graph.output = [valueInfo(name, 'float32', [batch, classes])];
  return name;
}

/** What the serving graph's output is called, unless something inside has the name. */
const servingOutput = 'probabilities';

/** Appends softmax or sigmoid, and names the output. @returns the name. */
export function attachActivation({ graph }: ModelMessage, activation: Activation): string {
  const [output] = graph.output;
  if (!output) throw new RookeryError('INTERNAL', { detail: 'a serving graph without output' });
  if (output.name === servingOutput && activation === 'none') return servingOutput;
  const name = nameMaker(graph)(servingOutput);
  if (activation === 'none') {
    for (const node of graph.node) node.output = node.output.map((each) => (each === output.name ? name : each));
    replaceReads(graph, output.name, name);
  } else {
    const node =
      activation === 'softmax'
        ? makeNode('Softmax', [output.name], [name], { axis: 1 })
        : makeNode('Sigmoid', [output.name], [name]);
    graph.node = [...graph.node, node];
  }
  graph.output = [{ ...output, name }];
  return name;
}
