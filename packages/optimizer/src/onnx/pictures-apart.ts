import type { GraphBuilder } from './graph-builder.ts';

/**
 * Pictures that TensorFlow cuts into so many, every so many rows and columns one, around a dilated convolution, and puts together again. In
 * the graph they stay whole: the convolution in between reaches as much further.
 */
export interface Apart {
  readonly apart: readonly [rows: number, columns: number];
  /** What is added before they are cut, or cut off after they are together. */
  readonly around: readonly [top: number, bottom: number, left: number, right: number];
}

/** Of one picture: its value in the graph, as NCHW. */
interface Picture {
  readonly name: string;
  readonly height: number;
  readonly width: number;
}

/** `undefined` where the numbers are of anything but rows and columns. */
export function readApart(blocks: readonly number[] = [], listed: readonly number[] = []): Apart | undefined {
  const [rows, columns] = blocks;
  if (!rows || !columns || blocks.length !== 2 || listed.length !== 4) return undefined;
  return { apart: [rows, columns], around: listed as unknown as Apart['around'] };
}

/** With what is added; `undefined` where that cannot be cut evenly. */
export function padded(graph: GraphBuilder, { name, height, width }: Picture, { apart, around }: Apart) {
  const [top, bottom, left, right] = around;
  const grown = { height: height + top + bottom, width: width + left + right };
  if (grown.height % apart[0] !== 0 || grown.width % apart[1] !== 0) return undefined;
  const pads = graph.list([0, 0, top, left, 0, 0, bottom, right]);
  return { ...grown, name: graph.node('Pad', [name, pads, graph.scalar(0)]) };
}

/** Without what is cut off. */
export function cropped(graph: GraphBuilder, { name, height, width }: Picture, { around }: Apart): Picture {
  const [top, bottom, left, right] = around;
  const bounds = [
    [top, left],
    [height - bottom, width - right],
    [2, 3],
  ].map((each) => graph.list(each));
  return { name: graph.node('Slice', [name, ...bounds]), height: height - top - bottom, width: width - left - right };
}
