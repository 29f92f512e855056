import type { Preprocessing } from '@rookery/contracts';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Classifier, openClassifier } from '../src/index.ts';
import { lookingGlass, valuesOf } from './looking-glass.ts';
import { bird, birdNames, birds, hasShared } from './shared.ts';

const [width, height] = [600, 420];
/** A soft scene that is different in each corner and each channel. */
const scene = Buffer.from(
  Array.from({ length: width * height * 3 }, (_, at) => {
    const pixel = Math.floor(at / 3);
    const [x, y] = [(pixel % width) / width, Math.floor(pixel / width) / height];
    return [230 * x, 230 * y, 120 + 110 * Math.sin(5 * x) * (1 - y)][at % 3] ?? 0;
  }),
);
const picture = (): Sharp => sharp(scene, { raw: { width, height, channels: 3 } });
const grey = (): Sharp => picture().toColourspace('b-w');

const files: [name: string, make: () => Sharp][] = [
  ['baseline', () => picture().jpeg()],
  ['progressive', () => picture().jpeg({ progressive: true })],
  ['by mozjpeg', () => picture().jpeg({ mozjpeg: true })],
  ['in full colour', () => picture().jpeg({ progressive: true, chromaSubsampling: '4:4:4' })],
  ['in grey', () => grey().jpeg()],
  ['in grey, progressive', () => grey().jpeg({ progressive: true })],
  ['in CMYK', () => picture().toColourspace('cmyk').jpeg()],
  ['in CMYK, progressive', () => picture().toColourspace('cmyk').jpeg({ progressive: true })],
  ...[2, 3, 4, 5, 6, 7, 8].map((orientation): [string, () => Sharp] => [
    `turned (${orientation})`,
    () => picture().withMetadata({ orientation }).jpeg({ progressive: true }),
  ]),
  ['WebP', () => picture().webp()],
  ['WebP with transparency', () => picture().ensureAlpha(0.3).webp()],
  ['PNG', () => picture().png()],
  ['TIFF', () => picture().tiff({ compression: 'jpeg' })],
];

const preprocessings: Partial<Preprocessing>[] = [
  { kernel: 'bilinear-half-pixel' },
  { kernel: 'bilinear-half-pixel', resize: 'cover', width: 20 },
  { kernel: 'bilinear-align-corners', resize: 'contain' },
  { kernel: 'lanczos3', resize: 'cover' },
];

describe.each(preprocessings)('a picture decoded fast looks the same: $kernel, $resize', (preprocessing) => {
  const model = lookingGlass({ width: 16, height: 16, ...preprocessing });
  let exact: Classifier;
  let fast: Classifier;
  beforeAll(async () => {
    [exact, fast] = await Promise.all([openClassifier(model), openClassifier({ ...model, decode: 'fast' })]);
  });
  afterAll(async () => {
    await Promise.all([exact[Symbol.asyncDispose](), fast[Symbol.asyncDispose]()]);
  });

  it('and its lines say that it was', () => {
    expect(fast.pin.decode).toBe('fast');
    expect(fast.model).not.toBe(exact.model);
  });

  it.each(files)('%s', async (_name, make) => {
    const bytes = new Uint8Array(await make().toBuffer());
    const top = model.output.classes;
    const [meant, seen] = await Promise.all([exact.classify(bytes.slice(), { top }), fast.classify(bytes, { top })]);
    expect([seen.width, seen.height]).toEqual([meant.width, meant.height]);
    const expected = valuesOf(meant);
    const differences = valuesOf(seen).map((value, at) => Math.abs(value - (expected[at] ?? 0)));
    expect(Math.max(...differences)).toBeLessThan(12);
    expect(differences.reduce((sum, each) => sum + each, 0) / differences.length).toBeLessThan(2);
  });
});

it.runIf(hasShared)('the five birds are the same species, exact and fast', async () => {
  const model = await birds('fp32');
  await using exact = await openClassifier(model);
  await using fast = await openClassifier({ ...model, decode: 'fast' });
  for (const name of birdNames) {
    const [meant, seen] = await Promise.all([exact, fast].map((it) => it.classify(bird(name), { top: 1 })));
    expect(seen?.predictions[0]?.label).toBe(meant?.predictions[0]?.label);
    expect([seen?.width, seen?.height]).toEqual([meant?.width, meant?.height]);
  }
});
