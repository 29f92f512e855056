import type { Explanation } from '@rookery/client';
import { useLayoutEffect, useRef } from 'preact/hooks';

export interface Seen {
  readonly explanation: Explanation;
  /** Which of its labels. */
  readonly at: number;
  /** How much of it is seen, from 0 to 1. */
  readonly strength: number;
}

/** From dark violet through orange to pale yellow, which works in greyscale and for the colour-blind. */
const stops = [
  [84, 15, 109],
  [229, 92, 48],
  [252, 255, 164],
] as const;

/** Where the model looked, laid over the picture: one pixel for each cell, which the browser smooths. */
export const Heat = ({ explanation: { columns, rows, area, maps }, at, strength }: Seen) => {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { cells = [], label } = maps[at] ?? {};
  useLayoutEffect(() => {
    const image = new ImageData(columns, rows);
    cells.forEach((heat, n) => {
      const place = Math.min(heat, 0.999) * 2;
      const [low, high] = place < 1 ? [stops[0], stops[1]] : [stops[1], stops[2]];
      image.data.set(
        [...low.map((value, channel) => value + ((high[channel] ?? 0) - value) * (place % 1)), 255 * heat],
        4 * n,
      );
    });
    canvas.current?.getContext('2d')?.putImageData(image, 0, 0);
  }, [cells]);
  const share = (value: number): string => `${100 * value}%`;
  const { left, top, width, height } = area;
  return (
    <canvas
      ref={canvas}
      class="heat"
      width={columns}
      height={rows}
      role="img"
      aria-label={`Where the model looked for ${label}`}
      style={{ left: share(left), top: share(top), width: share(width), height: share(height), opacity: strength }}
    />
  );
};
