import { makeNode, valueInfo } from '../onnx/graph-builder.ts';
import { nameMaker } from '../onnx/graph-view.ts';
import type { ModelMessage } from '../onnx/messages.ts';
import { floatTensor } from '../onnx/tensor.ts';
import type { ImportOptions } from './import-options.ts';
import type { Rows } from './reference.ts';

const scoresOf = ({ rows }: Rows): number => rows[0]?.length ?? 0;

/** The one score of a model that tells two classes apart: that of the second label, as training code counts them. */
export const binaryOutput = (outputs: readonly Rows[], { labels }: ImportOptions): Rows | undefined =>
  labels.length === 2 ? outputs.find((output) => scoresOf(output) === 1) : undefined;

export const isBinary = (output: Rows): boolean => scoresOf(output) === 1;

/** Lets a graph that gives one probability `[batch, 1]` give both, `[batch, 2]`. @returns the name of the output. */
export function attachOtherScore({ graph }: ModelMessage, probability: string, batch: number | 'batch'): string {
  const fresh = nameMaker(graph);
  const one = floatTensor(fresh('one'), [], [1]);
  const other = fresh('other_probability');
  const both = fresh('both_probabilities');
  graph.initializer = [...graph.initializer, one];
  graph.node = [
    ...graph.node,
    makeNode('Sub', [one.name, probability], [other]),
    makeNode('Concat', [other, probability], [both], { axis: 1 }),
  ];
  graph.output = [valueInfo(both, 'float32', [batch, 2])];
  return both;
}
