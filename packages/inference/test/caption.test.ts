import { createRequire } from 'node:module';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { renderCaption } from '../src/annotate/caption.ts';

const fontFile = createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf');
const predictions = [
  { label: 'Phalacrocorax varius varius', index: 918, score: 0.8465 },
  { label: '<b>& "дрозд"\u0000</b>', index: 1, score: 0.1108 },
];

/** The share of bright pixels: text on a dark bar. */
async function brightness(png: Buffer): Promise<number> {
  const { data } = await sharp(png).greyscale().raw().toBuffer({ resolveWithObject: true });
  return data.filter((value) => value > 128).length / data.length;
}

describe('a caption', () => {
  it.each([
    [1, 1],
    [64, 64],
    [640, 480],
    [4000, 3000],
    [1, 20_000],
    [20_000, 1],
  ])('holds readable text for a picture of %i x %i', async (width, height) => {
    const caption = await renderCaption(predictions, { width, height, fontFile });
    expect(caption.width).toBe(Math.max(240, width));
    // A line of the smallest font is that high.
    expect(caption.height).toBeGreaterThan(2 * 13);
    const share = await brightness(caption.png);
    expect(share).toBeGreaterThan(width === 20_000 ? 0.0005 : 0.01);
    expect(share).toBeLessThan(0.5);
  });

  it('is larger on a larger picture', async () => {
    const [small, large] = await Promise.all([
      renderCaption(predictions, { width: 640, height: 480, fontFile }),
      renderCaption(predictions, { width: 4000, height: 3000, fontFile }),
    ]);
    expect(large.height).toBeGreaterThan(3 * small.height);
  });

  it('breaks a label that is wider than the picture', async () => {
    const long = [{ label: 'very '.repeat(40), index: 0, score: 1 }];
    const [one, many] = [
      await renderCaption(predictions.slice(0, 1), { width: 300, height: 300, fontFile }),
      await renderCaption(long, { width: 300, height: 300, fontFile }),
    ];
    expect(many.width).toBe(300);
    expect(many.height).toBeGreaterThan(3 * one.height);
  });
});
