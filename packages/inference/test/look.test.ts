import { describe, expect, it } from 'vitest';
import { lookOf } from '../src/decode/look.ts';

/** `colour`: of the pixel at x, y. */
function picture(
  width: number,
  height: number,
  colour: (x: number, y: number) => [number, number, number],
): Uint8Array {
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) pixels.set(colour(x, y), (y * width + x) * 3);
  return pixels;
}

describe('a look at a picture', () => {
  it('sees the luma of one colour, and nothing sharp in it', () => {
    const { brightness, sharpness } = lookOf(
      picture(224, 224, () => [10, 200, 30]),
      224,
      224,
    );
    expect(brightness).toBeCloseTo(0.299 * 10 + 0.587 * 200 + 0.114 * 30, 9);
    expect(sharpness).toBeCloseTo(0, 9);
  });

  it('sees bent light only: an even slope is not sharp, a step each pixel is', () => {
    const slope = picture(200, 100, (x, y) => [x, x, y]);
    expect(lookOf(slope, 200, 100).sharpness).toBeCloseTo(0, 9);
    const board = picture(224, 224, (x, y) => ((x + y) % 2 === 0 ? [255, 255, 255] : [0, 0, 0]));
    expect(lookOf(board, 224, 224).sharpness).toBeCloseTo(4 * 255, 6);
  });

  it('sees about what lies at every point, at some 600 of them', () => {
    const wavy = (x: number, y: number): [number, number, number] => [
      128 + 100 * Math.sin(x / 3) * Math.cos(y / 5),
      128 + 90 * Math.sin((x + y) / 7),
      128 + 80 * Math.cos(y / 2),
    ];
    for (const size of [224, 299, 384]) {
      const pixels = picture(size, size, wavy);
      const looked = lookOf(pixels, size, size);
      const { brightness, sharpness } = everyPoint(pixels, size);
      expect(Math.abs(looked.brightness - brightness)).toBeLessThan(0.05 * brightness);
      expect(Math.abs(looked.sharpness - sharpness)).toBeLessThan(0.1 * sharpness);
    }
  });

  it('gives the same for bytes and for numbers', () => {
    const pixels = picture(97, 61, (x, y) => [(x * y) % 256, (x * 7) % 256, (y * 13) % 256]);
    expect(lookOf(Float32Array.from(pixels), 97, 61)).toEqual(lookOf(pixels, 97, 61));
  });

  it.each([
    [1, 1],
    [2, 2],
    [1, 50],
    [50, 1],
    [3, 3],
  ])('stays inside a picture of %i x %i', (width, height) => {
    const { brightness, sharpness } = lookOf(
      picture(width, height, () => [9, 9, 9]),
      width,
      height,
    );
    expect([0, 9]).toContain(Math.round(brightness * 1e9) / 1e9);
    expect(sharpness).toBeCloseTo(0, 9);
  });
});

function everyPoint(pixels: Uint8Array, size: number): { brightness: number; sharpness: number } {
  const luma = (x: number, y: number): number => {
    const [red = 0, green = 0, blue = 0] = pixels.subarray((y * size + x) * 3, (y * size + x) * 3 + 3);
    return 0.299 * red + 0.587 * green + 0.114 * blue;
  };
  let [brightness, sharpness] = [0, 0];
  for (let y = 1; y < size - 1; y++)
    for (let x = 1; x < size - 1; x++) {
      brightness += luma(x, y);
      sharpness += Math.abs(luma(x - 1, y) + luma(x + 1, y) + luma(x, y - 1) + luma(x, y + 1) - 4 * luma(x, y));
    }
  const count = (size - 2) ** 2;
  return { brightness: brightness / count, sharpness: sharpness / count };
}
