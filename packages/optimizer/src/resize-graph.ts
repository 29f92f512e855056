import { type ResizeKernel, RookeryError } from '@rookery/contracts';
import { encodeModel } from './onnx/codec.ts';
import { DataType } from './onnx/data-types.ts';
import { GraphBuilder } from './onnx/graph-builder.ts';

/** The kernels that run as a graph; the others are the decoder's own. */
export const isExactKernel = (kernel: ResizeKernel): boolean => kernel.startsWith('bilinear-');

/**
 * The graph that resizes one decoded picture with an exact bilinear kernel. Inputs: `picture` uint8 `[H, W, 3]`; `top`, `bottom` int64
 * `[height]` and `left`, `right` int64 `[width]`: the rows and columns to read; `down` float32 `[height]`, `across` float32 `[width]`:
 * weights of `bottom` and `right`. Output: `resized` `[height, width, 3]`, for `bilinear-half-pixel` uint8, rounded half up (the taps
 * are whole numbers, so it differs from OpenCV's fixed point by 1 at most), for `bilinear-align-corners` float32 in 0 to 255.
 *
 * It reads four bytes for each it gives, whatever the picture's size, by their offsets (GatherElements): three times faster than
 * gathering pixels, where ONNX Runtime copies three bytes by a call each.
 */
export function resizeGraph(kernel: ResizeKernel): Uint8Array {
  if (!isExactKernel(kernel))
    throw new RookeryError('INTERNAL', { detail: `${kernel} is not a kernel that runs as a graph` });
  const graph = new GraphBuilder(kernel, 13);
  const picture = graph.input('picture', 'uint8', ['H', 'W', 3]);
  const [top, bottom] = ['top', 'bottom'].map((name) => graph.input(name, 'int64', ['height']));
  const [left, right] = ['left', 'right'].map((name) => graph.input(name, 'int64', ['width']));
  const down = graph.input('down', 'float32', ['height']);
  const across = graph.input('across', 'float32', ['width']);
  const [asColumn, asRow] = [graph.ints('as_column', [2], [-1, 1]), graph.ints('as_row', [2], [1, -1])];
  const three = graph.ints('three', [1], [3]);
  const channels = graph.ints('channels', [1, 3], [0, 1, 2]);

  const reshape = (value: string, shape: string): string => graph.node('Reshape', [value, shape]);
  const bytes = reshape(picture, asRow);
  const [one, two] = [graph.ints('one', [1], [1]), graph.ints('two', [1], [2])];
  const rowBytes = graph.node('Mul', [graph.node('Slice', [graph.node('Shape', [picture]), one, two]), three]);
  const rowOffsets = (rows = ''): string => graph.node('Mul', [reshape(rows, asColumn), rowBytes]);
  const columnOffsets = (columns = ''): string =>
    reshape(graph.node('Add', [graph.node('Mul', [reshape(columns, asColumn), three]), channels]), asRow);
  const [above, below, before, after] = [
    rowOffsets(top),
    rowOffsets(bottom),
    columnOffsets(left),
    columnOffsets(right),
  ];
  /** `[height, width * 3]`: rows of channels broadcast three times faster than pixels of three. */
  const shape = graph.node('Concat', [graph.node('Shape', ['top']), graph.ints('rest', [1], [-1])], { axis: 0 });
  const taps = (rows: string, columns: string): string => {
    const offsets = reshape(graph.node('Add', [rows, columns]), asRow);
    const values = graph.node('GatherElements', [bytes, offsets], { axis: 1 });
    return reshape(graph.node('Cast', [values], { to: DataType.float32 }), shape);
  };
  const between = (from: string, to: string, weight: string): string =>
    graph.node('Add', [from, graph.node('Mul', [graph.node('Sub', [to, from]), weight])]);

  const columnWeights = reshape(
    graph.node('Expand', [reshape(across, asColumn), graph.ints('each', [2], [1, 3])]),
    asRow,
  );
  const upper = between(taps(above, before), taps(above, after), columnWeights);
  const lower = between(taps(below, before), taps(below, after), columnWeights);
  let result = between(upper, lower, reshape(down, asColumn));
  const rounded = kernel === 'bilinear-half-pixel';
  if (rounded) {
    const half = graph.floats('half', [], [0.5]);
    result = graph.node('Cast', [graph.node('Add', [result, half])], { to: DataType.uint8 });
  }
  graph.node('Reshape', [result, graph.ints('pixels', [3], [0, -1, 3])], {}, 'resized');
  graph.output('resized', rounded ? 'uint8' : 'float32', ['height', 'width', 3]);
  return encodeModel(graph.model());
}
