import { deflateSync } from 'node:zlib';
import type { ErrorCode } from '@rookery/contracts';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Classifier, openClassifier } from '../src/index.ts';
import { bmp } from './bmp-file.ts';
import { lookingGlass, notANumber, pixelsOf } from './looking-glass.ts';
import { pngChunk } from './png-chunk.ts';

const grey = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: 90, g: 90, b: 90 } } });
/** Something with detail, so that the last bytes matter. */
const detailed = sharp(
  Buffer.from(Array.from({ length: 96 * 64 * 3 }, (_, i) => (Math.imul(i, 2654435761) >>> 24) & 255)),
  { raw: { width: 96, height: 64, channels: 3 } },
);
const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const half = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, bytes.length >> 1);

/** A PNG whose header promises so many pixels; its data are as many zeros as fit into 200 kB compressed. */
function pngBomb(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  const data = deflateSync(Buffer.alloc(200_000_000), { level: 9 });
  return Buffer.concat([
    signature,
    pngChunk('IHDR', header),
    pngChunk('IDAT', data),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}
/** The frame header of a JPEG says how large it is: here, larger than it is. */
function withJpegSize(jpeg: Buffer, width: number, height: number): Buffer {
  const copy = Buffer.from(jpeg);
  const at = copy.indexOf(Buffer.from([0xff, 0xc0, 0x00, 0x11]));
  copy.writeUInt16BE(height, at + 5);
  copy.writeUInt16BE(width, at + 7);
  return copy;
}

/** A little-endian TIFF that says that its strips are compressed by another method. */
function withCompression(tiff: Buffer, method: number): Buffer {
  const directory = tiff.readUInt32LE(4);
  const entries = Array.from({ length: tiff.readUInt16LE(directory) }, (_, n) => directory + 2 + 12 * n);
  const entry = entries.find((at) => tiff.readUInt16LE(at) === 259) ?? Number.NaN;
  tiff.writeUInt16LE(method, entry + 8);
  return tiff;
}

describe('what is no picture, or no good one, gets its code', () => {
  let classifier: Classifier;
  beforeAll(async () => {
    classifier = await openClassifier(lookingGlass());
  });
  afterAll(() => classifier[Symbol.asyncDispose]());

  const codeOf = async (bytes: Uint8Array): Promise<ErrorCode | 'labelled'> =>
    classifier.classify(new Uint8Array(bytes), { top: 1 }).then(
      () => 'labelled' as const,
      (error) => error.code,
    );

  const cases: [name: string, code: ErrorCode | 'labelled', make: () => Promise<Uint8Array> | Uint8Array][] = [
    ['no bytes', 'PICTURE_EMPTY', () => new Uint8Array(0)],
    ['one byte', 'UNSUPPORTED_FORMAT', () => new Uint8Array(1)],
    ['text', 'UNSUPPORTED_FORMAT', () => bytesOf('This is a text, whatever its name says.')],
    ['HTML', 'UNSUPPORTED_FORMAT', () => bytesOf('<!doctype html><html><body>404</body></html>')],
    ['SVG', 'UNSUPPORTED_FORMAT', () => bytesOf('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
    [
      'SVG that fetches',
      'UNSUPPORTED_FORMAT',
      () =>
        bytesOf(
          '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
        ),
    ],
    ['PDF', 'UNSUPPORTED_FORMAT', () => bytesOf('%PDF-1.7\n')],
    ['PPM', 'UNSUPPORTED_FORMAT', () => Buffer.concat([bytesOf('P6 2 2 255\n'), Buffer.alloc(12)])],
    ['HEIC', 'UNSUPPORTED_FORMAT', () => Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1')],
    ['noise', 'UNSUPPORTED_FORMAT', () => Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919) % 251))],
    [
      'noise after the start of a JPEG',
      'PICTURE_CORRUPT',
      () => Buffer.from([0xff, 0xd8, 0xff, ...Array.from({ length: 999 }, (_, i) => (i * 7919) % 251)]),
    ],
    [
      'noise after the start of a PNG',
      'PICTURE_CORRUPT',
      () => Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(99, 7)]),
    ],
    ['a JPEG cut in the middle', 'PICTURE_CORRUPT', async () => half(await detailed.clone().jpeg().toBuffer())],
    [
      'a progressive JPEG cut in the middle',
      'PICTURE_CORRUPT',
      async () => half(await detailed.clone().jpeg({ progressive: true }).toBuffer()),
    ],
    [
      'a JPEG of its header',
      'PICTURE_CORRUPT',
      async () => (await detailed.clone().jpeg().toBuffer()).subarray(0, 300),
    ],
    ['a PNG cut in the middle', 'PICTURE_CORRUPT', async () => half(await detailed.clone().png().toBuffer())],
    ['a WebP cut in the middle', 'PICTURE_CORRUPT', async () => half(await detailed.clone().webp().toBuffer())],
    ['a GIF cut in the middle', 'PICTURE_CORRUPT', async () => half(await detailed.clone().gif().toBuffer())],
    ['a TIFF cut in the middle', 'PICTURE_CORRUPT', async () => half(await detailed.clone().tiff().toBuffer())],
    [
      'a TIFF compressed by LZMA',
      'UNSUPPORTED_FORMAT',
      async () => withCompression(await detailed.clone().tiff({ compression: 'deflate' }).toBuffer(), 34925),
    ],
    [
      'an AVIF cut in the middle',
      'PICTURE_CORRUPT',
      async () => half(await detailed.clone().avif({ effort: 0 }).toBuffer()),
    ],
    ['a BMP cut in the middle', 'PICTURE_CORRUPT', () => half(bmp(new Uint8Array(64 * 64 * 3), 64, 64, { bits: 24 }))],
    [
      'a run-length BMP cut in the middle',
      'PICTURE_CORRUPT',
      () => bmp(new Uint8Array(64 * 64 * 3), 64, 64, { bits: 8, runs: true }).subarray(0, -80),
    ],
    [
      'a BMP of 2,147,483,647 x 2,147,483,647',
      'PICTURE_TOO_LARGE',
      () => {
        const file = bmp(new Uint8Array(12), 2, 2, { bits: 24 });
        file.writeInt32LE(2147483647, 18);
        file.writeInt32LE(2147483647, 22);
        return file;
      },
    ],
    [
      '60,000 x 60,000 in under 300 kB',
      'PICTURE_TOO_LARGE',
      () => {
        const bomb = pngBomb(60_000, 60_000);
        expect(bomb.length).toBeLessThan(300_000);
        return bomb;
      },
    ],
    [
      'a JPEG whose header says 65,500 x 65,500',
      'PICTURE_TOO_LARGE',
      async () => withJpegSize(await detailed.clone().jpeg({ optimiseCoding: false }).toBuffer(), 65_500, 65_500),
    ],
    // Its end is there, so it is not cut; the rows that are missing are grey, as OpenCV had them.
    [
      'a JPEG whose header says twice its height',
      'labelled',
      async () => withJpegSize(await detailed.clone().jpeg({ optimiseCoding: false }).toBuffer(), 96, 128),
    ],
    ['1 x 1', 'labelled', () => grey(1, 1).png().toBuffer()],
    ['1 x 20,000', 'labelled', () => grey(1, 20_000).png().toBuffer()],
    ['20,000 x 1', 'labelled', () => grey(20_000, 1).jpeg().toBuffer()],
    ['exactly at the limit', 'labelled', () => grey(10_000, 5_000).png({ compressionLevel: 1 }).toBuffer()],
    ['one row over the limit', 'PICTURE_TOO_LARGE', () => grey(10_000, 5_001).png({ compressionLevel: 1 }).toBuffer()],
  ];
  it.each(cases)('%s: %s', async (_name, code, make) => {
    const bytes = await make();
    expect([await codeOf(bytes), await codeOf(bytes)]).toEqual([code, code]);
  });

  it('neighbours of bad pictures are labelled', async () => {
    const good = await grey(30, 20).png().toBuffer();
    const bad = half(await detailed.clone().jpeg().toBuffer());
    const outcomes = await Promise.all([good, bad, good, bytesOf('text'), good].map(codeOf));
    expect(outcomes).toEqual(['labelled', 'PICTURE_CORRUPT', 'labelled', 'UNSUPPORTED_FORMAT', 'labelled']);
  });

  it('the pixel limit can be set, and is part of the pin', async () => {
    await using narrow = await openClassifier(lookingGlass(), { maxPixels: 100 });
    expect(narrow.pin.maxPixels).toBe(100);
    expect(narrow.model).not.toBe(classifier.model);
    for (const format of ['png', 'jpeg', 'webp', 'gif', 'tiff', 'avif'] as const) {
      const fits = new Uint8Array(await grey(10, 10).toFormat(format).toBuffer());
      const exceeds = new Uint8Array(await grey(11, 10).toFormat(format).toBuffer());
      expect(pixelsOf(await narrow.classify(fits, { top: 192 })).length).toBe(64);
      await expect(narrow.classify(exceeds, { top: 1 })).rejects.toMatchObject({ code: 'PICTURE_TOO_LARGE' });
    }
  });
});

it('a score that is not a number is an error, and no label', async () => {
  await using classifier = await openClassifier(notANumber());
  const picture = new Uint8Array(await grey(4, 4).png().toBuffer());
  await expect(classifier.classify(picture, { top: 1 })).rejects.toMatchObject({ code: 'SCORE_NOT_A_NUMBER' });
});
