import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { ExactResizer } from '../src/decode/resize/exact-resizer.ts';
import { openClassifier } from '../src/index.ts';
import { lookingGlass, pixelsOf, valuesOf } from './looking-glass.ts';
import { bird, bird224, birdNames, hasShared } from './shared.ts';

/** Numbers that look random and are the same every time. */
function* noise(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state >>> 24;
  }
}
const noisePicture = (width: number, height: number, seed: number): Uint8Array<ArrayBuffer> => {
  const from = noise(seed);
  return Uint8Array.from({ length: width * height * 3 }, () => from.next().value);
};
const png = async (data: Uint8Array, width: number, height: number): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(
    await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer(),
  );

/** `tf.image.resizeBilinear(picture, [height, width], alignCorners)`, as TensorFlow.js' reference kernel computes it. */
function alignCornersReference(data: Uint8Array, width: number, height: number, toWidth: number, toHeight: number) {
  const result: number[] = [];
  const rowScale = toHeight > 1 ? (height - 1) / (toHeight - 1) : 0;
  const columnScale = toWidth > 1 ? (width - 1) / (toWidth - 1) : 0;
  for (let r = 0; r < toHeight; r++) {
    const sourceRow = r * rowScale;
    const top = Math.floor(sourceRow);
    const bottom = Math.min(height - 1, Math.ceil(sourceRow));
    for (let c = 0; c < toWidth; c++) {
      const sourceColumn = c * columnScale;
      const left = Math.floor(sourceColumn);
      const right = Math.min(width - 1, Math.ceil(sourceColumn));
      for (let d = 0; d < 3; d++) {
        const at = (y: number, x: number): number => data[(y * width + x) * 3 + d] as number;
        const upper = at(top, left) + (at(top, right) - at(top, left)) * (sourceColumn - left);
        const lower = at(bottom, left) + (at(bottom, right) - at(bottom, left)) * (sourceColumn - left);
        result.push(upper + (lower - upper) * (sourceRow - top));
      }
    }
  }
  return result;
}

it.each(['bilinear-half-pixel', 'bilinear-align-corners'] as const)(
  '%s leaves a picture alone that has the size already, whatever it was asked before',
  (kernel) => {
    const resizer = new ExactResizer({ width: 24, height: 16, resize: 'cover', kernel });
    const slot = new Float32Array(24 * 16 * 3);
    resizer.resize({ data: noisePicture(31, 40, 5), width: 31, height: 40 }, slot);
    const picture = noisePicture(24, 16, 6);
    resizer.resize({ data: picture, width: 24, height: 16 }, slot);
    expect([...slot]).toEqual([...picture]);
  },
);

describe('bilinear align-corners is TensorFlow 1’s', () => {
  it.each([
    [37, 23],
    [8, 8],
    [3, 200],
    [200, 3],
    [1, 1],
    [2, 1],
    [501, 377],
  ])('a picture of %i x %i, within 1e-5 before any rounding', async (width, height) => {
    const to = { width: 16, height: 12, resize: 'stretch', kernel: 'bilinear-align-corners' } as const;
    const data = noisePicture(width, height, width * height);
    const seen = new Float32Array(to.width * to.height * 3);
    new ExactResizer(to).resize({ width, height, data }, seen);
    const meant = alignCornersReference(data, width, height, to.width, to.height);
    const furthest = Math.max(...meant.map((value, i) => Math.abs(value - (seen[i] as number)) / 255));
    expect(furthest).toBeLessThanOrEqual(1e-5);
  });

  it('keeps its fractions all the way into the engine', async () => {
    const to = { width: 16, height: 12, kernel: 'bilinear-align-corners' } as const;
    await using classifier = await openClassifier(lookingGlass(to));
    const data = noisePicture(61, 47, 5);
    const seen = valuesOf(await classifier.classify(await png(data, 61, 47), { top: 16 * 12 * 3 }));
    const meant = alignCornersReference(data, 61, 47, 16, 12);
    expect(Math.max(...meant.map((it, i) => Math.abs(it - (seen[i] as number)) / 255))).toBeLessThanOrEqual(1e-5);
    expect(seen.filter((it) => Math.abs(it - Math.round(it)) > 0.01).length).toBeGreaterThan(200);
  });
});

describe('bilinear half-pixel is OpenCV’s', () => {
  it.skipIf(!hasShared).each(birdNames)(
    'within 1/255 of every pixel of birds_224, equal in 999 of 1000: %s',
    async (name) => {
      const { data, info } = await sharp(bird(name)).removeAlpha().raw().toBuffer({ resolveWithObject: true });
      const seen = new Uint8Array(224 * 224 * 3);
      const resizer = new ExactResizer({ width: 224, height: 224, resize: 'stretch', kernel: 'bilinear-half-pixel' });
      resizer.resize({ width: info.width, height: info.height, data: data as Buffer<ArrayBuffer> }, seen);
      const meant = await sharp(bird224(name)).removeAlpha().raw().toBuffer();
      const differences = seen.map((it, i) => Math.abs(it - (meant[i] as number)));
      expect(differences.filter((it) => it > 1).length).toBe(0);
      expect(differences.filter((it) => it > 0).length).toBeLessThan(seen.length / 1000);
    },
  );

  it('a picture that has the size already passes unchanged', () => {
    const data = noisePicture(32, 24, 9);
    const seen = new Uint8Array(data.length);
    new ExactResizer({ width: 32, height: 24, resize: 'stretch', kernel: 'bilinear-half-pixel' }).resize(
      { width: 32, height: 24, data },
      seen,
    );
    expect(seen).toEqual(data);
  });

  it('halving takes the mean of four', () => {
    const data = noisePicture(16, 16, 3);
    const seen = new Uint8Array(8 * 8 * 3);
    new ExactResizer({ width: 8, height: 8, resize: 'stretch', kernel: 'bilinear-half-pixel' }).resize(
      { width: 16, height: 16, data },
      seen,
    );
    const at = (x: number, y: number, c: number): number => data[(y * 16 + x) * 3 + c] as number;
    const mean = at(4, 6, 1) + at(5, 6, 1) + at(4, 7, 1) + at(5, 7, 1);
    expect(Math.abs((seen[(3 * 8 + 2) * 3 + 1] as number) - mean / 4)).toBeLessThanOrEqual(0.5);
  });
});

const kernels = ['linear', 'lanczos3', 'bilinear-half-pixel', 'bilinear-align-corners'] as const;
describe.each(kernels)('%s', (kernel) => {
  /** Left half red, right half blue, twice as wide as high. */
  const wide = (): Promise<Uint8Array<ArrayBuffer>> => {
    const data = new Uint8Array(64 * 32 * 3);
    for (let i = 0; i < 64 * 32; i++) data[i * 3 + (i % 64 < 32 ? 0 : 2)] = 200;
    return png(data, 64, 32);
  };
  const look = async (resize: 'stretch' | 'cover' | 'contain') => {
    await using classifier = await openClassifier(lookingGlass({ kernel, resize }));
    const pixels = pixelsOf(await classifier.classify(await wide(), { top: 192 }));
    return (x: number, y: number): number[] | undefined => pixels[y * 8 + x];
  };

  it('stretch shows all of it', async () => {
    const at = await look('stretch');
    expect([at(0, 0), at(7, 7)]).toEqual([
      [200, 0, 0],
      [0, 0, 200],
    ]);
  });

  it('cover crops the centre', async () => {
    const at = await look('cover');
    // The edge between the halves may ring one pixel further.
    expect([at(0, 0), at(0, 4), at(7, 4), at(7, 7)]).toEqual([
      [200, 0, 0],
      [200, 0, 0],
      [0, 0, 200],
      [0, 0, 200],
    ]);
  });

  it('contain pads with black', async () => {
    const at = await look('contain');
    expect([at(0, 0), at(7, 1), at(0, 2), at(7, 5), at(0, 6), at(7, 7)]).toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [200, 0, 0],
      [0, 0, 200],
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });
});
