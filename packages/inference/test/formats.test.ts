import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gifBackground } from '../src/decode/formats/gif-background.ts';
import { type Classifier, openClassifier } from '../src/index.ts';
import { bmp } from './bmp-file.ts';
import { exifSegment, withApp1 } from './jpeg-segments.ts';
import { lookingGlass, pixelsOf } from './looking-glass.ts';

/** Four quarters of one colour each, so that losses, turns and swapped channels show. */
const colours = {
  topLeft: [220, 30, 40],
  topRight: [40, 200, 60],
  bottomLeft: [50, 60, 210],
  bottomRight: [230, 220, 90],
};
const width = 48;
const height = 32;
const rgb = Buffer.alloc(width * height * 3);
for (let y = 0; y < height; y++) {
  for (let x = 0; x < width; x++) {
    const colour =
      y < height / 2 ? (x < width / 2 ? 'topLeft' : 'topRight') : x < width / 2 ? 'bottomLeft' : 'bottomRight';
    rgb.set(colours[colour], (y * width + x) * 3);
  }
}
const picture = () => sharp(rgb, { raw: { width, height, channels: 3 } });
const withAlpha = (alpha: number) => picture().ensureAlpha(alpha / 255);

/** A pixel from the middle of each quarter of an 8 x 8 result. */
function quarters(pixels: readonly (readonly number[])[]) {
  const at = (x: number, y: number): readonly number[] => pixels[y * 8 + x] ?? [];
  return { topLeft: at(1, 1), topRight: at(6, 1), bottomLeft: at(1, 6), bottomRight: at(6, 6) };
}

const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((it, i) => Math.abs(it - (b[i] ?? 0))));

describe('every format gives the picture that was put into it', () => {
  let classifier: Classifier;
  beforeAll(async () => {
    classifier = await openClassifier(lookingGlass());
  });
  afterAll(() => classifier[Symbol.asyncDispose]());

  const look = async (bytes: Uint8Array) => {
    const result = await classifier.classify(new Uint8Array(bytes), { top: 192 });
    return { ...result, quarters: quarters(pixelsOf(result)) };
  };
  const expectColours = async (bytes: Uint8Array, tolerance: number) => {
    const { quarters: seen, width: w, height: h } = await look(bytes);
    expect([w, h]).toEqual([width, height]);
    for (const name of ['topLeft', 'topRight', 'bottomLeft', 'bottomRight'] as const) {
      expect(distance(seen[name], colours[name]), `${name} is ${seen[name]}`).toBeLessThanOrEqual(tolerance);
    }
  };

  const formats: [name: string, make: () => Promise<Uint8Array>, tolerance: number][] = [
    ['baseline JPEG', () => picture().jpeg({ quality: 95 }).toBuffer(), 6],
    ['progressive JPEG', () => picture().jpeg({ quality: 95, progressive: true }).toBuffer(), 6],
    ['JPEG without subsampling', () => picture().jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer(), 6],
    ['PNG', () => picture().png().toBuffer(), 0],
    ['interlaced PNG', () => picture().png({ progressive: true }).toBuffer(), 0],
    ['palette PNG', () => picture().png({ palette: true }).toBuffer(), 2],
    ['16-bit PNG', () => picture().toColourspace('rgb16').png().toBuffer(), 0],
    ['lossless WebP', () => picture().webp({ lossless: true }).toBuffer(), 0],
    ['lossy WebP', () => picture().webp({ quality: 95 }).toBuffer(), 8],
    ['GIF', () => picture().gif().toBuffer(), 2],
    ['TIFF', () => picture().tiff({ compression: 'none' }).toBuffer(), 0],
    ['compressed TIFF', () => picture().tiff({ compression: 'deflate' }).toBuffer(), 0],
    ['AVIF', () => picture().avif({ quality: 90, effort: 0 }).toBuffer(), 8],
    ['10-bit AVIF', () => picture().avif({ quality: 90, effort: 0, bitdepth: 10 }).toBuffer(), 8],
    ['24-bit BMP', () => Promise.resolve(bmp(rgb, width, height, { bits: 24 })), 0],
    ['32-bit BMP', () => Promise.resolve(bmp(rgb, width, height, { bits: 32 })), 0],
    ['BMP with rows from the top', () => Promise.resolve(bmp(rgb, width, height, { bits: 24, topDown: true })), 0],
    ['16-bit BMP', () => Promise.resolve(bmp(rgb, width, height, { bits: 16 })), 7],
    ['8-bit BMP', () => Promise.resolve(bmp(rgb, width, height, { bits: 8 })), 0],
    ['4-bit BMP', () => Promise.resolve(bmp(rgb, width, height, { bits: 4 })), 0],
    ['RLE8 BMP', () => Promise.resolve(bmp(rgb, width, height, { bits: 8, runs: true })), 0],
    ['RLE4 BMP', () => Promise.resolve(bmp(rgb, width, height, { bits: 4, runs: true })), 0],
    ['OS/2 BMP', () => Promise.resolve(bmp(rgb, width, height, { bits: 24, core: true })), 0],
  ];
  it.each(formats)('%s', async (_name, make, tolerance) => expectColours(await make(), tolerance));

  it.each([
    [200, 170, 150],
    [230, 220, 90],
    [60, 70, 80],
  ])('CMYK JPEG of a colour that can be printed: %i %i %i', async (...colour) => {
    const print = sharp(Buffer.from(Array(64).fill(colour).flat()), { raw: { width: 8, height: 8, channels: 3 } });
    const bytes = await print.toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
    expect((await sharp(bytes).metadata()).space).toBe('cmyk');
    const [seen = []] = pixelsOf(await look(bytes));
    expect(distance(seen, colour), `${seen}`).toBeLessThanOrEqual(20);
  });

  it('MPO: the first picture, whatever follows it', async () => {
    const first = await picture().jpeg({ quality: 95 }).toBuffer();
    const second = await sharp({ create: { width: 99, height: 5, channels: 3, background: 'black' } })
      .jpeg()
      .toBuffer();
    await expectColours(Buffer.concat([first, second]), 6);
  });

  it.each(['gif', 'webp'] as const)('an animated %s: the first frame', async (format) => {
    const frames = Buffer.concat([rgb, Buffer.alloc(rgb.length, 255)]);
    const animation = sharp(frames, { raw: { width, height: height * 2, channels: 3, pageHeight: height } });
    const bytes = await (format === 'gif' ? animation.gif() : animation.webp({ lossless: true })).toBuffer();
    expect((await sharp(bytes).metadata()).pages).toBe(2);
    await expectColours(bytes, 2);
  });

  it.each(['png', 'webp', 'tiff'] as const)('alpha is dropped, not blended: %s', async (format) => {
    const lossless = { png: {}, webp: { lossless: true }, tiff: { compression: 'deflate' } } as const;
    const bytes = await withAlpha(7).toFormat(format, lossless[format]).toBuffer();
    expect((await sharp(bytes).metadata()).hasAlpha).toBe(true);
    await expectColours(bytes, 0);
  });

  it("a GIF's transparent pixels have the colour of its background", async () => {
    const pixels = Buffer.alloc(width * height * 4, 255);
    for (let at = 0; at < width * height; at++) pixels.set([250, 10, 20, at % width < width / 2 ? 0 : 255], at * 4);
    // A third colour makes a palette of four: the last entry is free.
    pixels.set([1, 2, 3, 255], pixels.length - 4);
    const bytes = await sharp(pixels, { raw: { width, height, channels: 4 } })
      .gif()
      .toBuffer();
    const [palette, entries] = [bytes.subarray(13), 2 << ((bytes[10] ?? 0) & 7)];
    palette.set([40, 200, 90], 3 * (entries - 1));
    bytes[11] = entries - 1;
    const { topLeft, topRight } = quarters(pixelsOf(await look(bytes)));
    expect({ topLeft, topRight }).toEqual({ topLeft: [40, 200, 90], topRight: [250, 10, 20] });
    // One that names no entry of its palette.
    bytes[10] = (bytes[10] ?? 0) & 0x7f;
    expect(gifBackground(bytes)).toEqual([0, 0, 0]);
  });

  it('alpha is dropped also where libvips would resize with it', async () => {
    await using linear = await openClassifier(lookingGlass({ kernel: 'linear' }));
    const bytes = await withAlpha(0).png().toBuffer();
    const { topLeft } = quarters(pixelsOf(await linear.classify(new Uint8Array(bytes), { top: 192 })));
    expect(topLeft).toEqual(colours.topLeft);
  });

  it.each([
    [
      'grey PNG',
      () =>
        sharp(Buffer.alloc(64, 93), { raw: { width: 8, height: 8, channels: 1 } })
          .png()
          .toBuffer(),
    ],
    [
      'grey PNG with alpha',
      () =>
        sharp(Buffer.alloc(128, 93), { raw: { width: 8, height: 8, channels: 2 } })
          .png()
          .toBuffer(),
    ],
    [
      'grey JPEG',
      () =>
        sharp(Buffer.alloc(64, 93), { raw: { width: 8, height: 8, channels: 1 } })
          .jpeg({ quality: 100 })
          .toBuffer(),
    ],
    ['8-bit BMP of greys', () => Promise.resolve(bmp(Buffer.alloc(192, 93), 8, 8, { bits: 8 }))],
  ])('grey becomes three equal channels: %s', async (_name, make) => {
    expect(pixelsOf(await look(await make()))).toEqual(Array(64).fill([93, 93, 93]));
  });

  it.each([
    ['rgb16', 3],
    ['grey16', 1],
  ] as const)('16 bits become the upper eight: %s', async (space, channels) => {
    const deep = new Uint16Array(64 * channels).fill(0x7fff);
    const bytes = await sharp(deep, { raw: { width: 8, height: 8, channels } })
      .toColourspace(space)
      .png()
      .toBuffer();
    expect((await sharp(bytes).metadata()).depth).toBe('ushort');
    expect(pixelsOf(await look(bytes))).toEqual(Array(64).fill([0x7f, 0x7f, 0x7f]));
  });

  it('a profile inside changes nothing', async () => {
    const plain = await picture().png().toBuffer();
    const tagged = await picture().withIccProfile('p3', { attach: true }).png().toBuffer();
    const raw = await sharp(tagged, { ignoreIcc: true }).raw().toBuffer();
    expect((await sharp(tagged).metadata()).hasProfile).toBe(true);
    expect((await look(tagged)).quarters.topLeft).toEqual([
      ...raw.subarray((4 * width + 4) * 3, (4 * width + 4) * 3 + 3),
    ]);
    expect((await look(plain)).quarters).toEqual(colours);
  });

  const turned: Record<number, (keyof typeof colours)[]> = {
    1: ['topLeft', 'topRight', 'bottomLeft', 'bottomRight'],
    2: ['topRight', 'topLeft', 'bottomRight', 'bottomLeft'],
    3: ['bottomRight', 'bottomLeft', 'topRight', 'topLeft'],
    4: ['bottomLeft', 'bottomRight', 'topLeft', 'topRight'],
    5: ['topLeft', 'bottomLeft', 'topRight', 'bottomRight'],
    6: ['bottomLeft', 'topLeft', 'bottomRight', 'topRight'],
    7: ['bottomRight', 'topRight', 'bottomLeft', 'topLeft'],
    8: ['topRight', 'bottomRight', 'topLeft', 'bottomLeft'],
  };
  it.each(Object.entries(turned))('EXIF orientation %s', async (orientation, order) => {
    const bytes = await picture()
      .withMetadata({ orientation: Number(orientation) })
      .jpeg({ quality: 95 })
      .toBuffer();
    const { quarters: seen, width: w, height: h } = await look(bytes);
    expect([w, h]).toEqual(Number(orientation) > 4 ? [height, width] : [width, height]);
    (['topLeft', 'topRight', 'bottomLeft', 'bottomRight'] as const).forEach((place, index) => {
      const meant = colours[order[index] as keyof typeof colours];
      expect(distance(seen[place], meant), `${place} is ${seen[place]}`).toBeLessThanOrEqual(6);
    });
  });

  it('damaged EXIF turns nothing and fails nothing', async () => {
    const bytes = await picture().jpeg({ quality: 95 }).toBuffer();
    for (const body of [[], [0x4d], Array(40).fill(0xff), [0x49, 0x49, 42, 0, 0xff, 0xff, 0xff, 0xff]]) {
      await expectColours(withApp1(bytes, exifSegment(body)), 6);
    }
  });

  it('the name and the order of calls say nothing: contents alone decide', async () => {
    const png = await picture().png().toBuffer();
    const jpeg = await picture().jpeg({ quality: 95 }).toBuffer();
    await Promise.all([expectColours(png, 0), expectColours(jpeg, 6), expectColours(png, 0)]);
  });
});
