import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { createAnnotator } from '../src/classify/annotate.ts';
import { createCaptionRenderer } from '../src/classify/caption.ts';
import { aFolder } from './a-host.ts';

const predictions = [
  { label: 'Phalacrocorax varius varius', index: 918, score: 0.8465 },
  { label: '<b>& "дрозд"\u0000</b>', index: 1, score: 0.1108 },
];

const aPicture = async (width: number, height: number, format: 'jpeg' | 'png' = 'jpeg') =>
  new Uint8Array(
    await sharp({ create: { width, height, channels: 3, background: '#204060' } })
      [format]()
      .toBuffer(),
  );

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
    const caption = await createCaptionRenderer()(predictions, { width, height });
    expect(caption.width).toBe(Math.max(240, width));
    // A line of the smallest font is that high.
    expect(caption.height).toBeGreaterThan(2 * 13);
    const share = await brightness(caption.png);
    expect(share).toBeGreaterThan(width === 20_000 ? 0.0005 : 0.01);
    expect(share).toBeLessThan(0.5);
  });

  it('is larger on a larger picture', async () => {
    const render = createCaptionRenderer();
    const [small, large] = await Promise.all([
      render(predictions, { width: 640, height: 480 }),
      render(predictions, { width: 4000, height: 3000 }),
    ]);
    expect(large.height).toBeGreaterThan(3 * small.height);
  });

  it('breaks a label that is wider than the picture', async () => {
    const long = [{ label: 'very '.repeat(40), index: 0, score: 1 }];
    const render = createCaptionRenderer();
    const [one, many] = [
      await render(predictions.slice(0, 1), { width: 300, height: 300 }),
      await render(long, { width: 300, height: 300 }),
    ];
    expect(many.width).toBe(300);
    expect(many.height).toBeGreaterThan(3 * one.height);
  });
});

describe('an annotated copy', () => {
  it('is the picture with the bar below it; JPEG stays JPEG, everything else becomes PNG', async () => {
    const folder = aFolder();
    const annotate = createAnnotator(folder);
    await annotate('a.jpg', await aPicture(300, 200), predictions);
    await annotate(
      'b.webp',
      new Uint8Array(
        await sharp(await aPicture(20, 10, 'png'))
          .webp()
          .toBuffer(),
      ),
      predictions,
    );
    await annotate('c.png', await aPicture(20, 10), predictions);
    expect(readdirSync(folder).sort()).toEqual(['a.jpg', 'b.webp.png', 'c.png.jpg']);
    const { width, height, format } = await sharp(join(folder, 'a.jpg')).metadata();
    expect({ width, format }).toEqual({ width: 300, format: 'jpeg' });
    expect(height).toBeGreaterThan(230);
    expect(await sharp(join(folder, 'b.webp.png')).metadata()).toMatchObject({ width: 240, format: 'png' });
  });

  it('of a turned picture is upright', async () => {
    const folder = aFolder();
    const turned = await sharp(await aPicture(300, 200))
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    await createAnnotator(folder)('turned.jpg', new Uint8Array(turned), predictions);
    const { width, orientation } = await sharp(join(folder, 'turned.jpg')).metadata();
    expect({ width, orientation }).toEqual({ width: 240, orientation: undefined });
  });
});
