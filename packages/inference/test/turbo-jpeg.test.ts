import koffi from 'koffi';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { exifOrientation } from '../src/decode/formats/exif-orientation.ts';
import { turboJpeg } from '../src/decode/jpeg/turbo-jpeg.ts';
import { libvips } from '../src/decode/libvips/libvips.ts';
import { probe } from '../src/decode/probe.ts';
import { mutatedPictures } from './fuzz-corpus.ts';
import { exifSegment, withApp1 } from './jpeg-segments.ts';
import { bird, birdNames, hasShared } from './shared.ts';

const maxPixels = 4_000_000;
const turbo = turboJpeg();

/** What each decoder makes of a file: its pixels, or nothing. */
async function both(file: Uint8Array): Promise<{ turbo: Uint8Array | undefined; libvips: Uint8Array | undefined }> {
  const bytes = new Uint8Array(file);
  const probed = await probe(bytes, maxPixels).catch(() => undefined);
  if (!probed?.plainJpeg) return { turbo: undefined, libvips: undefined };
  const { width, height } = probed;
  const pixels = new Uint8Array(width * height * 3);
  const decoded = await turbo?.decode(bytes, { width, height }, pixels);
  const byLibvips = await (await libvips()).decodeByLibvips(bytes, maxPixels).catch(() => undefined);
  if (byLibvips) expect([byLibvips.width, byLibvips.height]).toEqual([width, height]);
  return { turbo: decoded ? pixels : undefined, libvips: byLibvips?.data };
}

/** A scene with soft and hard edges in all three channels. */
function scene(width: number, height: number): Buffer {
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const disc = (x - width / 2) ** 2 + (y - height / 3) ** 2 < (width * height) / 9;
      pixels.set(
        disc ? [230, (x * 37) & 255, 40] : [(x * 3) & 255, (90 + y) & 255, (x * y) & 255],
        (y * width + x) * 3,
      );
    }
  return pixels;
}

describe.skipIf(!turbo)('libjpeg-turbo by itself gives the pixels that it gives in libvips', () => {
  const sizes = [
    [1, 1],
    [7, 5],
    [16, 16],
    [33, 17],
    [251, 333],
  ] as const;

  it.each(sizes)('%d x %d, baseline and progressive, colour and grey, low quality and high', async (width, height) => {
    const raw = { width, height, channels: 3 } as const;
    for (const progressive of [false, true])
      for (const quality of [20, 85, 100])
        for (const chromaSubsampling of ['4:2:0', '4:4:4'])
          for (const space of ['srgb', 'b-w']) {
            const picture = sharp(scene(width, height), { raw }).toColourspace(space);
            const seen = await both(await picture.jpeg({ progressive, quality, chromaSubsampling }).toBuffer());
            expect(seen.turbo).toBeDefined();
            expect(Buffer.compare(seen.turbo as Buffer, seen.libvips as Buffer)).toBe(0);
          }
  });

  const samplings = { '4:4:4': 0, '4:2:2': 1, '4:2:0': 2, grey: 3, '4:4:0': 4, '4:1:1': 5 };
  it.each(Object.entries(samplings))('colours sampled %s', async (_, sampling) => {
    for (const [width, height] of sizes) {
      const seen = await both(encode(scene(width, height), width, height, sampling));
      expect(seen.turbo).toBeDefined();
      expect(Buffer.compare(seen.turbo as Buffer, seen.libvips as Buffer)).toBe(0);
    }
  });

  it('of 8,000 damaged files it decodes only what libvips decodes too, to the same', async () => {
    let decoded = 0;
    for (const file of await mutatedPictures(8000)) {
      const seen = await both(file);
      if (!seen.turbo) continue;
      decoded++;
      expect(seen.libvips).toBeDefined();
      expect(Buffer.compare(seen.turbo, seen.libvips as Uint8Array)).toBe(0);
    }
    expect(decoded).toBeGreaterThan(150);
  }, 120_000);

  it.skipIf(!hasShared)('photographs of birds', async () => {
    for (const name of birdNames) {
      const seen = await both(bird(name));
      expect(seen.turbo).toBeDefined();
      expect(Buffer.compare(seen.turbo as Buffer, seen.libvips as Buffer)).toBe(0);
    }
  });

  it('writes nothing of a picture that is larger than was said', async () => {
    const raw = { width: 33, height: 17, channels: 3 } as const;
    const bytes = new Uint8Array(await sharp(scene(33, 17), { raw }).jpeg().toBuffer());
    const pixels = new Uint8Array(33 * 17 * 3);
    expect(await turbo?.decode(bytes, { width: 32, height: 17 }, pixels)).toBe(false);
    expect(pixels.every((value) => value === 0)).toBe(true);
    expect(await turbo?.decode(bytes, { width: 33, height: 17 }, pixels, 2)).toBe(true);
    expect(pixels.subarray(17 * 9 * 3).every((value) => value === 0)).toBe(true);
  });

  it('leaves to libvips what is turned, CMYK, or ends too early', async () => {
    const raw = { width: 33, height: 17, channels: 3 } as const;
    const picture = () => sharp(scene(33, 17), { raw });
    const whole = await picture().jpeg().toBuffer();
    const turned = await picture().withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const cmyk = await picture().toColourspace('cmyk').jpeg().toBuffer();
    expect((await probe(new Uint8Array(turned), maxPixels)).plainJpeg).toBe(false);
    expect((await probe(new Uint8Array(cmyk), maxPixels)).plainJpeg).toBe(false);
    const short = new Uint8Array(whole.subarray(0, whole.length - 40));
    expect(await turbo?.decode(short, { width: 33, height: 17 }, new Uint8Array(33 * 17 * 3))).toBe(false);
  });
});

describe('an Exif segment', () => {
  const entry = (value: number): number[] => [0x12, 0x01, 3, 0, 1, 0, 0, 0, value, 0, 0, 0];
  const tiff = (...entries: number[][]): number[] => [
    ...[0x49, 0x49, 42, 0, 8, 0, 0, 0, entries.length, 0],
    ...entries.flat(),
    ...[0, 0, 0, 0],
  ];

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('says how a picture is turned: %d, as libvips reads it', async (orientation) => {
    expect(exifOrientation(new Uint8Array(tiff(entry(orientation))))).toBe(orientation);
    const raw = { width: 8, height: 8, channels: 3 } as const;
    const plain = await sharp(scene(8, 8), { raw }).jpeg().toBuffer();
    const jpeg = withApp1(plain, exifSegment(tiff(entry(orientation))));
    expect((await sharp(jpeg).metadata()).orientation).toBe(orientation);
  });

  it('that has none, or is out of the ordinary', () => {
    const other = [0x10, 0x01, 3, 0, 1, 0, 0, 0, 7, 0, 0, 0];
    const long = (value: number) => [0x12, 0x01, 4, 0, 1, 0, 0, 0, value, 0, 0, 0];
    expect(exifOrientation(new Uint8Array(tiff(other)))).toBe(1);
    expect(exifOrientation(new Uint8Array(tiff(long(1))))).toBe(1);
    expect(exifOrientation(new Uint8Array(tiff(long(6))))).toBeUndefined();
    for (const odd of [tiff(entry(9)), tiff(entry(0)), tiff(entry(1), entry(1)), tiff(entry(1)).slice(0, 20), [1, 2]])
      expect(exifOrientation(new Uint8Array(odd))).toBeUndefined();
  });
});

/** By the library itself: sharp writes no other sampling than two. */
function encode(pixels: Buffer, width: number, height: number, sampling: number): Buffer {
  const library = koffi.load(turbo?.path ?? '');
  const open = library.func('void *tjInitCompress()');
  const most = library.func('unsigned long tjBufSize(int, int, int)');
  const compress = library.func(
    'int tjCompress2(void *, const uint8_t *, int, int, int, int, _Inout_ uint8_t **, _Inout_ unsigned long *, int, int, int)',
  );
  const file = Buffer.alloc(Number(most(width, height, sampling)));
  const size = [file.length];
  const noRealloc = 1024;
  expect(compress(open(), pixels, width, 0, height, 0, [file], size, sampling, 80, noRealloc)).toBe(0);
  return file.subarray(0, size[0]);
}
