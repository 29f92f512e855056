import { intOf } from '../onnx/attributes.ts';
import { type GraphView, viewGraph } from '../onnx/graph-view.ts';
import type { ModelMessage, NodeMessage } from '../onnx/messages.ts';
import { tensorNumbers } from '../onnx/tensor.ts';

/**
 * PyTorch's exporter writes the view behind a pooling layer as places in memory: all numbers in a row, gathered by a computed range, and
 * shaped again. Where the numbers lie densely, which the proof of every pass shows, shaping alone is the same.
 */
export function removeStridedViews({ graph }: ModelMessage): number {
  const view = viewGraph(graph);
  let removed = 0;
  for (const gather of graph.node) {
    if (gather.opType !== 'Gather' || intOf(gather, 'axis', 0) !== 0) continue;
    const [data = '', places = ''] = gather.input;
    const flat = view.producers.get(data);
    const shaped = view.soleConsumer(gather.output[0] ?? '');
    if (shapeOf(flat, view)?.join() !== '-1' || !isRange(places, view)) continue;
    // A 0 would keep a dimension, and they are others now.
    if (!shaped || shapeOf(shaped, view)?.every((size) => size !== 0) !== true) continue;
    shaped.input = [flat?.input[0] ?? '', ...shaped.input.slice(1)];
    removed += 1;
  }
  return removed;
}

function shapeOf(node: NodeMessage | undefined, { constants }: GraphView): number[] | undefined {
  const shape = node?.opType === 'Reshape' ? constants.get(node.input[1] ?? '') : undefined;
  return shape && Array.from(tensorNumbers(shape));
}

const arithmetic = new Set(['Add', 'Mul', 'Unsqueeze', 'Cast', 'Reshape', 'Expand']);

/** Whether whole numbers are computed from a range and constants. */
function isRange(value: string, view: GraphView): boolean {
  const node = view.producers.get(value);
  if (!node) return false;
  return node.opType === 'Range' || (arithmetic.has(node.opType) && node.input.some((name) => isRange(name, view)));
}
