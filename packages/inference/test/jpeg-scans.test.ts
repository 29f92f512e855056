import sharp, { type JpegOptions } from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { cutJpeg, jpegCutEnd, sufficiency } from '../src/decode/jpeg/jpeg-cut.ts';
import { type JpegScans, jpegScans } from '../src/decode/jpeg/jpeg-scans.ts';
import { fastSize } from '../src/decode/resize/fast-size.ts';

const [width, height] = [320, 200];
/** Soft shapes with some grain, so that each scan has something to send. */
const scene = Buffer.from(
  Array.from({ length: width * height * 3 }, (_, at) => {
    const pixel = Math.floor(at / 3);
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const grain = ((Math.imul(at, 2654435761) >>> 24) & 31) - 16;
    return Math.max(0, Math.min(255, 128 + 90 * Math.sin(x / 23 + (at % 3)) * Math.cos(y / 17) + grain));
  }),
);
const picture = () => sharp(scene, { raw: { width, height, channels: 3 } });
const jpeg = async (options: JpegOptions): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await picture().jpeg(options).toBuffer());
const scansOf = (bytes: Uint8Array): JpegScans => {
  const scans = jpegScans(bytes);
  if (!scans) throw new Error('not plainly in order');
  return scans;
};

describe('the scans of a JPEG', () => {
  let progressive: Uint8Array<ArrayBuffer>;
  beforeAll(async () => {
    progressive = await jpeg({ progressive: true });
  });

  it('are those that the encoder is known to write', () => {
    const { components, scans, progressive: isProgressive } = scansOf(progressive);
    expect(isProgressive).toBe(true);
    expect(components.map(({ across, down }) => [across, down])).toEqual([
      [2, 2],
      [1, 1],
      [1, 1],
    ]);
    expect(scans.map(({ components: of, first, last, lowBit }) => [of.join(), first, last, lowBit])).toEqual([
      ['0,1,2', 0, 0, 1],
      ['0', 1, 5, 2],
      ['2', 1, 63, 1],
      ['1', 1, 63, 1],
      ['0', 6, 63, 2],
      ['0', 1, 63, 1],
      ['0,1,2', 0, 0, 0],
      ['2', 1, 63, 0],
      ['1', 1, 63, 0],
      ['0', 1, 63, 0],
    ]);
  });

  it.each([
    ['baseline', { progressive: false }, 1],
    ['baseline, full colour', { chromaSubsampling: '4:4:4' }, 1],
    ['progressive, full colour', { progressive: true, chromaSubsampling: '4:4:4' }, 10],
  ] as const)('are found in a %s one', async (_name, options, count) => {
    const bytes = await jpeg(options);
    const { scans } = scansOf(bytes);
    expect(scans.length).toBe(count);
    expect(scans.at(-1)?.end).toBe(bytes.length - 2);
  });

  it('are found in one by mozjpeg, in grey, in CMYK and with an Exif segment', async () => {
    const made = await Promise.all([
      picture().jpeg({ mozjpeg: true }).toBuffer(),
      picture().greyscale().jpeg({ progressive: true }).toBuffer(),
      picture().toColourspace('cmyk').jpeg({ progressive: true }).toBuffer(),
      picture().withMetadata({ orientation: 6 }).jpeg({ progressive: true }).toBuffer(),
    ]);
    for (const bytes of made) {
      const { scans, progressive: isProgressive } = scansOf(bytes);
      expect(isProgressive).toBe(true);
      expect(scans.length).toBeGreaterThan(4);
      expect(scans.at(-1)?.end).toBe(bytes.length - 2);
    }
  });

  it('are not told where a file lacks its end, whatever it lacks', () => {
    for (let length = 0; length < progressive.length; length += 7)
      expect(jpegScans(progressive.subarray(0, length))).toBeUndefined();
    expect(jpegScans(progressive.subarray(0, -1))).toBeUndefined();
  });

  it('are not told where a later scan asks for what no decoder does', () => {
    const { scans } = scansOf(progressive);
    const dataOfLast = progressive.subarray(scans.at(-2)?.end, scans.at(-1)?.end);
    const header = Buffer.from(dataOfLast).indexOf(Buffer.from([0xff, 0xda])) + (scans.at(-2)?.end ?? 0);
    // Its number of components, the component, its tables, first, last coefficient and bits.
    for (const [at, value] of [
      [4, 5],
      [5, 77],
      [6, 0x0f],
      [7, 0],
      [8, 64],
      [9, 0x50],
    ] as const) {
      const changed = progressive.slice();
      changed[header + at] = value;
      expect(jpegScans(changed), `byte ${at}`).toBeUndefined();
    }
  });

  it('may be followed by anything', () => {
    expect(jpegScans(Buffer.concat([progressive, Buffer.from('a trailer')]))).toBeDefined();
  });
});

describe('what a picture needs of its scans', () => {
  it.each([
    [8, 1],
    [4, 4],
    [2, 5],
    [1, 6],
  ] as const)('at 1/%i: %i of 10', async (shrink, count) => {
    const bytes = await jpeg({ progressive: true });
    const { scans } = scansOf(bytes);
    const end = scans[count - 1]?.end ?? 0;
    expect(jpegCutEnd(bytes, shrink)).toBe(end);
    // Known as soon as the header of the next scan is there, tables before it included.
    const known = bytes.indexOf(0xda, end) + 14;
    for (let length = 2; length < bytes.length; length += 3) {
      const head = bytes.subarray(0, length);
      if (length < end) expect(jpegCutEnd(head, shrink)).toBe('short');
      if (length > known) expect(jpegCutEnd(head, shrink)).toBe(end);
    }
  });

  it('is not told of one that is cut off, unless all of it is there or its end is', async () => {
    const bytes = await jpeg({ progressive: true });
    const cut = cutJpeg(bytes, 4);
    expect(cut?.length).toBeLessThan(bytes.length);
    expect(cutJpeg(bytes.slice(0, -1), 4)).toBeUndefined();
    expect(cutJpeg(bytes.slice(0, bytes.length >> 1), 4)).toBeUndefined();
    expect(cutJpeg(new Uint8Array(Buffer.concat([bytes, Buffer.from('a trailer')])), 4)).toEqual(cut);
    // What nobody looks at may be anything.
    expect(cutJpeg(bytes.slice().fill(0, -2000, -2), 4)).toEqual(cut);
  });

  it.each([
    ['is no late scan of colour where one of brightness comes first', 1, 3],
    ['is a late scan of colour that has as many samples as brightness', 2, 7],
  ] as const)('%s', (_name, colourSide, count) => {
    // The order in which mozjpeg has them: brightness in four steps, then colour.
    const sent: [components: number[], first: number, last: number, lowBit: number][] = [
      [[0, 1, 2], 0, 0, 0],
      [[0], 1, 2, 2],
      [[0], 3, 63, 2],
      [[0], 1, 63, 1],
      [[1], 1, 63, 0],
      [[2], 1, 2, 0],
      [[2], 3, 63, 0],
      [[0], 1, 63, 0],
    ];
    const scans = sent.map(([components, first, last, lowBit], i) => ({ components, first, last, lowBit, end: i + 1 }));
    const components = [2, colourSide, colourSide].map((side, id) => ({ id, across: side, down: side }));
    const suffices = sufficiency({ components }, 4);
    expect(scans.slice(0, -1).findIndex((scan, i) => suffices(scan, scans[i + 1] ?? scan)) + 1).toBe(count);
  });

  it('is all of them in a baseline one', async () => {
    const bytes = await jpeg({});
    expect(jpegCutEnd(bytes, 8)).toBe('whole');
    expect(cutJpeg(bytes, 8)).toBe(bytes);
  });

  it('is a file of its own that decodes without a complaint, and looks the same from afar', async () => {
    for (const options of [{ progressive: true }, { progressive: true, chromaSubsampling: '4:4:4' }]) {
      const bytes = await jpeg(options);
      const cut = cutJpeg(bytes, 4);
      if (!cut) throw new Error('not plainly in order');
      expect(cut.length).toBeLessThan(bytes.length * 0.8);
      const [whole, part] = await Promise.all(
        [bytes, cut].map((it) => sharp(it, { failOn: 'warning' }).resize(40, 25, { fit: 'fill' }).raw().toBuffer()),
      );
      const differences = Array.from(whole as Buffer, (value, at) => Math.abs(value - ((part as Buffer)[at] ?? 0)));
      expect(differences.reduce((sum, each) => sum + each, 0) / differences.length).toBeLessThan(3);
    }
  });
});

describe('how small a picture may be decoded', () => {
  const to = { width: 224, height: 224, resize: 'stretch', kernel: 'bilinear-half-pixel' } as const;
  it.each([
    ['a large one', 4000, 3000, to, { shrink: 8, width: 444, height: 333 }],
    ['one of a few megapixels', 2048, 1638, to, { shrink: 4, width: 409, height: 327 }],
    ['one of a megapixel', 1200, 900, to, { shrink: 2, width: 400, height: 300 }],
    ['one a little too large', 600, 500, to, { shrink: 1, width: 600, height: 500 }],
    ['one of the size', 300, 300, to, undefined],
    ['a narrow one', 8000, 230, to, undefined],
    ['a narrow one that is cropped', 8000, 2240, { ...to, resize: 'cover' }, { shrink: 8, width: 888, height: 248 }],
    ['a narrow one that is padded', 8000, 1000, { ...to, resize: 'contain' }, { shrink: 8, width: 888, height: 111 }],
  ] as const)('%s', (_name, pictureWidth, pictureHeight, preprocessing, size) => {
    expect(fastSize(pictureWidth, pictureHeight, preprocessing)).toEqual(size);
  });
});
