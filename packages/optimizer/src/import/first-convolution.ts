import { viewGraph } from '../onnx/graph-view.ts';
import type { GraphMessage } from '../onnx/messages.ts';
import { tensorDims, tensorNumbers } from '../onnx/tensor.ts';

/** Of values around 1 a filter of this length makes next to nothing; of values up to 255 it makes what filters make. */
const tiny = 0.05;

/**
 * Whether the convolution that reads `value`, at most after padding, takes values up to 255: converters move a scaling by 1/255 into its
 * weights, whose longest filter is that much shorter then.
 */
export function takesBytes(graph: GraphMessage, value: string): boolean {
  const view = viewGraph(graph);
  const reader = view.soleConsumer(value);
  const first = reader?.opType === 'Pad' ? view.soleConsumer(reader.output[0] ?? '') : reader;
  const weights = first?.opType === 'Conv' ? view.constants.get(first.input[1] ?? '') : undefined;
  if (!weights) return false;
  const [filters = 1] = tensorDims(weights);
  const numbers = tensorNumbers(weights);
  const size = numbers.length / filters;
  const squares = Array.from({ length: filters }, (_, n) => {
    let sum = 0;
    for (let at = n * size; at < (n + 1) * size; at += 1) sum += Number(numbers[at] ?? 0) ** 2;
    return sum;
  });
  const longest = Math.sqrt(Math.max(...squares));
  return longest > 0 && longest < tiny;
}
