import sharp from 'sharp';
import { bmp } from './bmp-file.ts';
import { exifSegment, withApp1 } from './jpeg-segments.ts';

/** Numerical Recipes' generator: the same mutations every time. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const width = 64;
const height = 48;
/** A soft scene with edges, so that each format has something of everything to encode. */
const scene = Buffer.alloc(width * height * 3);
for (let y = 0; y < height; y++) {
  for (let x = 0; x < width; x++) {
    const disc = (x - 40) ** 2 + (y - 20) ** 2 < 150;
    scene.set(disc ? [230, 180, 40] : [x * 3, 90 + y, 255 - x * 2 - y], (y * width + x) * 3);
  }
}

/** One of each kind of file. */
export async function seeds(): Promise<Buffer[]> {
  const picture = () => sharp(scene, { raw: { width, height, channels: 3 } });
  const frames = sharp(Buffer.concat([scene, scene]), {
    raw: { width, height: height * 2, channels: 3, pageHeight: height },
  });
  const jpeg = await picture().jpeg().toBuffer();
  const made = await Promise.all(
    [
      picture().jpeg({ progressive: true, restartInterval: 4 } as object),
      picture().toColourspace('cmyk').jpeg(),
      picture().withMetadata({ orientation: 6 }).jpeg(),
      picture().png(),
      picture().png({ palette: true, progressive: true }),
      picture().ensureAlpha(0.5).png(),
      picture().toColourspace('rgb16').png(),
      picture().webp(),
      picture().ensureAlpha(0.5).webp({ lossless: true }),
      frames.clone().webp(),
      frames.clone().gif(),
      picture().tiff({ compression: 'lzw' }),
      picture().tiff({ compression: 'jpeg' }),
      picture().tiff({ tile: true, tileWidth: 16, tileHeight: 16, compression: 'deflate' }),
      picture().avif({ effort: 0 }),
    ].map((it) => it.toBuffer()),
  );
  return [
    jpeg,
    withApp1(
      jpeg,
      exifSegment([0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 3, 0, 0, 0, 0, 0, 0]),
    ),
    ...made,
    bmp(scene, width, height, { bits: 24 }),
    bmp(Buffer.alloc(scene.length, 8), width, height, { bits: 8, runs: true }),
    bmp(Buffer.alloc(scene.length, 8), width, height, { bits: 4, runs: true }),
  ];
}

type Mutation = (bytes: Buffer, other: Buffer, below: (n: number) => number) => Buffer;
const mutations: Record<string, Mutation> = {
  bits: (bytes, _other, below) => {
    for (let i = below(8) + 1; i > 0; i--) {
      const at = below(bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8));
    }
    return bytes;
  },
  header: (bytes, _other, below) => {
    for (let i = below(4) + 1; i > 0; i--) bytes[below(Math.min(bytes.length, 200))] = below(256);
    return bytes;
  },
  extremes: (bytes, _other, below) => {
    const at = below(Math.min(bytes.length, 400) - 4);
    bytes.fill([0, 0xff, 0x7f, 0x80][below(4)] ?? 0, at, at + 1 + below(4));
    return bytes;
  },
  cut: (bytes, _other, below) => bytes.subarray(0, below(bytes.length)),
  splice: (bytes, other, below) =>
    Buffer.concat([bytes.subarray(0, below(bytes.length)), other.subarray(below(other.length))]),
  repeat: (bytes, _other, below) => {
    const from = below(bytes.length);
    const piece = bytes.subarray(from, from + below(200));
    return Buffer.concat([bytes.subarray(0, from), piece, piece, piece, bytes.subarray(from)]);
  },
  remove: (bytes, _other, below) => {
    const from = below(bytes.length);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + 1 + below(60))]);
  },
};

/** So many damaged files, the same ones each time. */
export async function mutatedPictures(count: number): Promise<Buffer[]> {
  const originals = await seeds();
  const below = generator(20_240_607);
  return Array.from({ length: count }, () => {
    const pick = (): Buffer => Buffer.from(originals[below(originals.length)] as Buffer);
    const mutate = Object.values(mutations)[below(Object.keys(mutations).length)] as Mutation;
    return mutate(pick(), pick(), below);
  });
}
