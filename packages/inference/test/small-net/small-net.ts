import { digestOf, type ServingModel } from '@rookery/contracts';

/**
 * A network of two convolutions, a mean and a dense layer, which the files beside this one write in the format of each engine. It wants BGR
 * values as (value / 255 - 0.5) / 0.25, and has padding nowhere.
 */
export const side = 64;
export const widths = [3, 16, 48] as const;
export const classes = 5;
export const scale = 1 / 255;
export const mean = 0.5;
export const std = 0.25;

/** The same numbers each time, from -1 to 1, divided by the root of what is summed up. */
function numbers(count: number, summed: number, seed: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return ((state / 2_147_483_648) * 2 - 1) * Math.sqrt(3 / summed);
  });
}

export interface Convolution {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** Three rows, three columns, `from`, `to`. */
  readonly kernel: readonly number[];
  readonly bias: readonly number[];
}

const convolution = (name: string, from: number, to: number, seed: number): Convolution => ({
  name,
  from,
  to,
  kernel: numbers(9 * from * to, 9 * from, seed),
  bias: numbers(to, 30, seed + 1),
});

export const convolutions = [
  convolution('first', widths[0], widths[1], 11),
  convolution('second', widths[1], widths[2], 23),
] as const;

export const dense = {
  /** `widths[2]` rows of `classes`. */
  kernel: numbers(widths[2] * classes, widths[2], 37).map((value) => value * 8),
  bias: numbers(classes, 3, 41),
};

/** Pictures of which no two have the same scores. */
export const pictures = (count: number): Uint8Array<ArrayBuffer>[] =>
  Array.from({ length: count }, (_, seed) =>
    Uint8Array.from({ length: side * side * 3 }, (_unused, at) => {
      const pattern = (at * (7 + seed * 2)) % 64;
      return (pattern + ((at % 3) * 60 + seed * 37) * (seed % 2 === 0 ? 1 : 2)) % 256;
    }),
  );

/** What all forms of it say of themselves. */
export function smallNet(
  format: ServingModel['format'],
  graph: ServingModel['graph'],
  rest: Partial<ServingModel> = {},
): ServingModel {
  const labels = Array.from({ length: classes }, (_, index) => `class ${index}`);
  return {
    name: 'small-net',
    version: 'v1',
    variant: 'fp32',
    format,
    graph,
    input: { name: 'images', type: 'uint8' },
    output: { name: 'scores', classes },
    preprocessing: { width: side, height: side, resize: 'stretch', kernel: 'linear' },
    decode: 'exact',
    stableBatch: 1,
    labels,
    labelsDigest: digestOf(labels.join('\n')),
    ...rest,
  };
}
