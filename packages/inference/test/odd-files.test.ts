import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodePicture } from '../src/index.ts';
import { bmp } from './bmp-file.ts';
import { pngChunk } from './png-chunk.ts';
import { tiff } from './tiff-file.ts';

const [width, height] = [6, 4];
const rgb = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 37) % 256);
const picture = () => sharp(rgb, { raw: { width, height, channels: 3 } });
const decoded = async (bytes: Uint8Array) => {
  const pixels = await decodePicture(new Uint8Array(bytes));
  return { ...pixels, data: [...pixels.data] };
};
const codeOf = (bytes: Uint8Array) =>
  decodePicture(new Uint8Array(bytes)).then(
    () => 'decoded',
    (error) => error.code,
  );

describe('files that are written in an unusual way are read right', () => {
  it('an AVIF sequence: its still picture', async () => {
    const still = await picture().avif({ lossless: true, effort: 0 }).toBuffer();
    const sequence = Buffer.from(still);
    sequence.write('avis', 8, 'latin1');
    expect(await decoded(sequence)).toEqual(await decoded(still));
  });

  it('a PNG whose EXIF follows its pixels is turned as one whose EXIF comes before them', async () => {
    const png = await picture().png().toBuffer();
    const [pixelsAt, endAt] = [png.indexOf('IDAT') - 4, png.indexOf('IEND') - 4];
    const tiffOf = (orientation: number) =>
      Uint8Array.from([
        0x49,
        0x49,
        42,
        0,
        8,
        0,
        0,
        0,
        1,
        0,
        0x12,
        1,
        3,
        0,
        1,
        0,
        0,
        0,
        orientation,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
      ]);
    const withExif = (at: number) =>
      Buffer.concat([png.subarray(0, at), pngChunk('eXIf', tiffOf(6)), png.subarray(at)]);
    const [before, after] = [await decoded(withExif(pixelsAt)), await decoded(withExif(endAt))];
    expect([before.width, before.height]).toEqual([height, width]);
    expect(after).toEqual(before);
    // One that says it twice means the first.
    const both = Buffer.concat([withExif(pixelsAt).subarray(0, -12), pngChunk('eXIf', tiffOf(3)), png.subarray(endAt)]);
    expect(await decoded(both)).toEqual(before);
  });

  it("a GIF's first frame that is smaller than the screen lies on the background", async () => {
    const palette = [255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 99, 199];
    const screen = [4, 0, 3, 0, 0b1111_0001, 3, 0];
    const frame = [0x2c, 1, 0, 1, 0, 2, 0, 1, 0, 0];
    // Clear, 1, 2, end: three bits each.
    const codes = [2, 2, 0b10_001_100, 0b0000_1010, 0];
    const bytes = [...Buffer.from('GIF89a'), ...screen, ...palette];
    const [green, blue, ground] = [palette.slice(3, 6), palette.slice(6, 9), palette.slice(9)];
    const row = [ground, ground, ground, ground];
    const comment = [0x21, 0xfe, 2, 104, 105, 0];
    for (const before of [[], comment]) {
      const file = Uint8Array.from([...bytes, ...before, ...frame, ...codes, 0x3b]);
      const { data } = await decoded(file);
      expect(data).toEqual([row, [ground, green, blue, ground], row].flat(2));
    }
  });

  it('a run-length BMP that ends with its last pixel', async () => {
    const whole = bmp(rgb, width, height, { bits: 8, runs: true });
    const { data } = await decoded(whole);
    // What follows the last pixel is the end of the line and the end of the picture.
    expect((await decoded(whole.subarray(0, -4))).data).toEqual(data);
    expect(await codeOf(whole.subarray(0, -7))).toBe('PICTURE_CORRUPT');
  });
});

describe('of a TIFF', () => {
  const form = { width, height, bits: 8, samples: 3, format: 1, photometric: 2 } as const;

  it.each([false, true])('RGB is read as it is (BigTIFF: %s)', async (big) => {
    expect((await decoded(tiff(rgb, { ...form, big }))).data).toEqual([...rgb]);
  });

  const floats = new Uint8Array(Float32Array.from(rgb, (value) => value / 255).buffer);
  it.each([
    ['floating point', tiff(floats, { ...form, bits: 32, format: 3 })],
    ['floating point, big', tiff(floats, { ...form, bits: 32, format: 3, big: true })],
    ['grey floating point', tiff(floats.subarray(0, 96), { ...form, bits: 32, format: 3, samples: 1, photometric: 1 })],
    ['doubles', tiff(new Uint8Array(576), { ...form, bits: 64, format: 3 })],
    ['whole numbers of 32 bits', tiff(floats, { ...form, bits: 32 })],
    ['YCbCr without JPEG', tiff(rgb, { ...form, photometric: 6 })],
    ['YCbCr without JPEG, big', tiff(rgb, { ...form, photometric: 6, big: true })],
  ])('%s is refused, since its colours would be wrong', async (_name, bytes) => {
    expect(await codeOf(bytes)).toBe('UNSUPPORTED_FORMAT');
  });

  it('YCbCr within JPEG is read', async () => {
    const bytes = await picture().tiff({ compression: 'jpeg', quality: 95 }).toBuffer();
    expect(await codeOf(bytes)).toBe('decoded');
  });

  it('a directory that is cut off or points astray is corrupt', async () => {
    const whole = tiff(rgb, form);
    for (let end = 4; end < whole.length - rgb.length - 64; end += 7)
      expect(await codeOf(whole.subarray(0, end)), `${end} bytes`).toBe('PICTURE_CORRUPT');
    whole.writeUInt32LE(0xffff_fff0, 4);
    expect(await codeOf(whole)).toBe('PICTURE_CORRUPT');
  });
});

it('a JPEG of 12 bits is a format that is not read, and no damaged file', async () => {
  const jpeg = await picture().jpeg({ optimiseCoding: false }).toBuffer();
  const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
  jpeg[frame + 1] = 0xc1;
  jpeg[frame + 4] = 12;
  expect(await codeOf(jpeg)).toBe('UNSUPPORTED_FORMAT');
});
