import { describe, expect, it } from 'vitest';
import { resizeGraph } from '../src/index.ts';
import { randomPictures } from '../src/random-pictures.ts';
import { resized, taps } from './support/run-graph.ts';

const sizes = [
  [1, 1, 7, 5],
  [1, 40, 3, 8],
  [300, 2, 20, 20],
  [37, 53, 24, 31],
  [10, 12, 30, 41],
  [24, 24, 24, 24],
] as const;

/** Row by row and channel by channel. */
function plainly(
  kernel: Parameters<typeof taps>[0],
  picture: Uint8Array,
  from: readonly [number, number],
  to: readonly [number, number],
): number[] {
  const [rows, columns] = [taps(kernel, from[0], to[0]), taps(kernel, from[1], to[1])];
  const at = (y: bigint | undefined, x: bigint | undefined, c: number): number =>
    picture[(Number(y) * from[1] + Number(x)) * 3 + c] ?? Number.NaN;
  const result: number[] = [];
  for (let y = 0; y < to[0]; y += 1)
    for (let x = 0; x < to[1]; x += 1)
      for (let c = 0; c < 3; c += 1) {
        const [across, down] = [columns.weight[x] ?? 0, rows.weight[y] ?? 0];
        const upper = at(rows.low[y], columns.low[x], c) * (1 - across) + at(rows.low[y], columns.high[x], c) * across;
        const lower =
          at(rows.high[y], columns.low[x], c) * (1 - across) + at(rows.high[y], columns.high[x], c) * across;
        result.push(upper * (1 - down) + lower * down);
      }
  return result;
}

describe('a resize graph', () => {
  it.each(sizes)(
    'gives %i x %i pixels as %i x %i by the definition of both kernels',
    async (height, width, toHeight, toWidth) => {
      const pixels = randomPictures(3, height, width).slice(2 * height * width * 3);
      for (const kernel of ['bilinear-half-pixel', 'bilinear-align-corners'] as const) {
        const ours = await resized(
          resizeGraph(kernel),
          kernel,
          { pixels, height, width },
          { height: toHeight, width: toWidth },
        );
        const wanted = plainly(kernel, pixels, [height, width], [toHeight, toWidth]);
        expect(ours).toHaveLength(wanted.length);
        const rounded = kernel === 'bilinear-half-pixel';
        expect(ours).toBeInstanceOf(rounded ? Uint8Array : Float32Array);
        for (const [place, value] of wanted.entries())
          expect(Math.abs((ours[place] ?? 0) - value)).toBeLessThan(rounded ? 0.501 : 1e-3);
      }
    },
  );

  it('leaves a picture of the right size as it is', async () => {
    const pixels = randomPictures(1, 30, 20);
    const ours = await resized(
      resizeGraph('bilinear-half-pixel'),
      'bilinear-half-pixel',
      { pixels, height: 30, width: 20 },
      { height: 30, width: 20 },
    );
    expect(Buffer.from(ours).equals(pixels)).toBe(true);
  });

  it('is only for kernels that the decoder does not have', () => {
    expect(() => resizeGraph('lanczos3')).toThrow(/lanczos3/);
  });
});
