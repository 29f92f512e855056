import { intOf } from '../onnx/attributes.ts';
import { DataType } from '../onnx/data-types.ts';
import { type GraphView, replaceReads, viewGraph } from '../onnx/graph-view.ts';
import { isMeanOverPlaces } from '../onnx/means-over-places.ts';
import type { ModelMessage, NodeMessage } from '../onnx/messages.ts';
import { tensorNumbers } from '../onnx/tensor.ts';

/**
 * PyTorch's exporter writes the view behind a pooling layer as places in memory: all numbers in a row, gathered by a range, which is
 * computed or, for a fixed batch, constant. Where the numbers lie densely, which the proof of every pass shows, shaping alone is the same,
 * and means over the picture's places, which keep its axes, have their shape already.
 */
export function removeStridedViews({ graph }: ModelMessage): number {
  const view = viewGraph(graph);
  let removed = 0;
  for (const gather of graph.node) {
    if (gather.opType !== 'Gather' || intOf(gather, 'axis', 0) !== 0) continue;
    const [data = '', places = ''] = gather.input;
    const [gathered = ''] = gather.output;
    const flat = view.producers.get(data);
    if (shapeOf(flat, view)?.join() !== '-1' || !(isRange(places, view) || isCounting(places, view))) continue;
    const [whole = ''] = flat?.input ?? [];
    if (isPooled(view.producers.get(whole), view) && !view.isOutput(gathered)) {
      replaceReads(graph, gathered, whole);
      removed += 1;
      continue;
    }
    const shaped = view.soleConsumer(gathered);
    // A 0 would keep a dimension, and they are others now.
    if (!shaped || shapeOf(shaped, view)?.every((size) => size !== 0) !== true) continue;
    shaped.input = [whole, ...shaped.input.slice(1)];
    removed += 1;
  }
  return removed;
}

function shapeOf(node: NodeMessage | undefined, { constants }: GraphView): number[] | undefined {
  const shape = node?.opType === 'Reshape' ? constants.get(node.input[1] ?? '') : undefined;
  return shape && Array.from(tensorNumbers(shape));
}

const arithmetic = new Set(['Add', 'Mul', 'Unsqueeze', 'Cast', 'Reshape', 'Expand']);

const isPooled = (node: NodeMessage | undefined, view: GraphView): boolean =>
  node?.opType === 'GlobalAveragePool' ||
  (node !== undefined && isMeanOverPlaces(node, view) && intOf(node, 'keepdims', 1) === 1);

/** Whether a constant has the whole numbers from 0 on. */
function isCounting(value: string, { constants }: GraphView): boolean {
  const constant = constants.get(value);
  const isWhole = constant?.dataType === DataType.int64 || constant?.dataType === DataType.int32;
  return isWhole && tensorNumbers(constant).every((number, at) => number === at);
}

/** Whether whole numbers are computed from a range and constants. */
function isRange(value: string, view: GraphView): boolean {
  const node = view.producers.get(value);
  if (!node) return false;
  return node.opType === 'Range' || (arithmetic.has(node.opType) && node.input.some((name) => isRange(name, view)));
}
