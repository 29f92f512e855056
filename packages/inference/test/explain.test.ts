import type { ServingModel } from '@rookery/contracts';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { importStarter, sourceOfCase, sourceOfDraft } from '../../optimizer/test/support/export-sources.ts';
import { headCases } from '../../optimizer/test/support/head-cases.ts';
import { numbers } from '../../optimizer/test/support/small-models.ts';
import { starterLabels } from '../../optimizer/test/support/starter-source.ts';
import {
  type Classification,
  type ExplainedPicture,
  type Explanation,
  openClassifier,
  overlayPicture,
} from '../src/index.ts';
import { colourSeer, graphsOf } from './colour-seer.ts';
import { servedBy } from './served-by.ts';

const [width, height] = [120, 60];
/** The red square of the picture below, upright: its centre is at (50, 37). */
const square = { left: 44, top: 31, size: 12 };
const centre = { x: 50, y: 37 };

/** Grey with a red square; stored as EXIF's orientation says. */
async function aPicture(orientation = 1): Promise<Uint8Array<ArrayBuffer>> {
  const red = { create: { width: square.size, height: square.size, channels: 3, background: '#ff0000' } } as const;
  const upright = await sharp({ create: { width, height, channels: 3, background: '#202020' } })
    .composite([{ input: await sharp(red).png().toBuffer(), left: square.left, top: square.top }])
    .png()
    .toBuffer();
  // 6: to be turned right by a quarter, so it lies turned left.
  const lying = sharp(upright).rotate(orientation === 6 ? 270 : 0);
  return new Uint8Array(await lying.withMetadata({ orientation }).jpeg({ quality: 100 }).toBuffer());
}

async function explained(classification: Classification): Promise<Explanation> {
  const { explanation } = classification;
  if (!explanation) throw new Error('there is no explanation');
  return explanation;
}

/** Centre of gravity of what is hot in the drawn map. */
async function hotSpot(picture: Uint8Array<ArrayBuffer>, explanation: Explanation) {
  const { value: drawn } = await overlayPicture(picture, explanation).next();
  const { data, info } = await sharp((drawn as ExplainedPicture).heat)
    .extractChannel(0)
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect({ width: info.width, height: info.height }).toEqual({ width, height });
  expect(await sharp((drawn as ExplainedPicture).overlay).metadata()).toMatchObject({ width, height, format: 'jpeg' });
  let [sum, x, y] = [0, 0, 0];
  for (const [at, value] of data.entries()) {
    const heat = value > 64 ? value : 0;
    sum += heat;
    x += heat * ((at % width) + 0.5);
    y += heat * (Math.floor(at / width) + 0.5);
  }
  return { x: x / sum, y: y / sum };
}

describe('an explanation', () => {
  it.each([
    ['stretch', 1, 'bilinear-half-pixel'],
    ['cover', 1, 'bilinear-half-pixel'],
    ['contain', 1, 'bilinear-half-pixel'],
    ['stretch', 6, 'bilinear-half-pixel'],
    ['cover', 6, 'linear'],
    ['contain', 6, 'bilinear-align-corners'],
  ] as const)('lies where the picture itself is red: %s, orientation %d, %s', async (resize, orientation, kernel) => {
    const model = colourSeer({ resize, kernel, width: 24, height: 24 });
    await using classifier = await openClassifier(model, { explainGraphs: graphsOf });
    const picture = await aPicture(orientation);
    const explanation = await explained(await classifier.classify(picture.slice(), { top: 3, explain: 1 }));
    expect(explanation).toMatchObject({ method: 'grad-cam', rows: 24, columns: 24, error: 0 });
    expect(explanation.maps.map(({ index }) => index)).toEqual([0]);
    const spot = await hotSpot(picture, explanation);
    expect(Math.abs(spot.x - centre.x)).toBeLessThan(2);
    expect(Math.abs(spot.y - centre.y)).toBeLessThan(2);
  });

  it('has a map for each label asked for, in their order, and none for a class that nothing speaks for', async () => {
    await using classifier = await openClassifier(colourSeer(), { explainGraphs: graphsOf });
    const { predictions, explanation } = await classifier.classify(await aPicture(), { top: 3, explain: 2 });
    expect(explanation?.maps.map(({ index }) => index)).toEqual(predictions.slice(0, 2).map(({ index }) => index));
    expect(Math.max(...(explanation?.maps[1]?.heat ?? [1]))).toBe(0);
    expect((await classifier.classify(await aPicture(), { top: 3 })).explanation).toBeUndefined();
  });

  const models: Record<string, () => Promise<ServingModel>> = {
    ...Object.fromEntries(
      Object.entries(headCases).map(([name, head]) => [name, async () => servedBy(sourceOfCase(head))]),
    ),
    'the starter model': async () => {
      const { draft } = await importStarter();
      return servedBy(sourceOfDraft(draft, 'fp32', starterLabels), draft.manifest.variants.fp32?.stableBatch);
    },
  };

  it.each(Object.entries(models))('is the same alone and in a batch with others: %s', async (_, load) => {
    const model = await load();
    await using classifier = await openClassifier(model, { explainGraphs: graphsOf });
    const { width, height } = model.preprocessing;
    const pictures = Array.from({ length: 12 }, (_, n) => ({
      pixels: numbers(height * width * 3, n).map((value) => (value + 0.5) * 255),
      explain: n % 4,
    }));
    const explain = async (each: (typeof pictures)[number]) => {
      const { explanation } = await classifier.classifyPixels(each.pixels.slice(), { top: 3, explain: each.explain });
      expect(explanation?.maps.length ?? 0).toBe(each.explain);
      return explanation;
    };
    const together = await Promise.all(pictures.map(explain));
    for (const [n, picture] of pictures.entries()) expect(await explain(picture)).toEqual(together[n]);
  });

  it('is estimated with masks where no gradient is known, says its error, and is the same again', async () => {
    await using classifier = await openClassifier(colourSeer());
    const picture = await aPicture();
    const both = [picture.slice(), await aPicture(6)].map((bytes) =>
      classifier.classify(bytes, { top: 3, explain: 1 }),
    );
    const [first, turned] = await Promise.all((await Promise.all(both)).map(explained));
    expect(first).toMatchObject({ method: 'rise', rows: 14, columns: 14 });
    expect(first?.error).toBeGreaterThan(0.01);
    expect(first?.error).toBeLessThan(0.3);
    const spot = await hotSpot(picture, first as Explanation);
    expect(Math.abs(spot.x - centre.x)).toBeLessThan(width / 7);
    expect(Math.abs(spot.y - centre.y)).toBeLessThan(height / 7);
    expect(turned?.method).toBe('rise');
    const again = await explained(await classifier.classify(picture, { top: 3, explain: 1 }));
    expect(again).toEqual(first);
  });
});
