import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Imported, importLayersModel } from '../src/index.ts';
import { randomPictures } from '../src/random-pictures.ts';
import { scoresOf } from './support/run-graph.ts';
import { photographs, starterLabels, starterSource } from './support/starter-source.ts';
import { openTensorFlow, type TensorFlowModel } from './support/tensorflow.ts';

const size = 224;
const safe = 2;
/** Top label and its probability as TensorFlow.js gives them with its own resize. */
const expected: Readonly<Record<string, readonly [label: number, score: number]>> = {
  'black-canyon': [safe, 0.998],
  'nagasaki-boats': [safe, 0.998],
  'french-alpine-landscape': [safe, 0.986],
  'allium-oreophilum': [safe, 0.961],
  'march-pastoral': [safe, 0.928],
  'dust-bowl-home': [safe, 0.902],
  'airplane-from-above': [safe, 0.842],
  'acanthus-mollis': [0, 0.969],
  'locomotion-house-cat': [0, 0.834],
};

describe('the starter model', () => {
  let imported: Imported;
  let tensorFlow: TensorFlowModel;
  const file = (path: string): Uint8Array => imported.draft.files.get(path) ?? new Uint8Array();

  beforeAll(async () => {
    const source = starterSource();
    tensorFlow = await openTensorFlow(source);
    imported = await importLayersModel(source, {
      labels: starterLabels,
      source: 'nsfwjs',
      range: '0..1',
      channels: 'rgb',
      resize: 'stretch',
      kernel: 'bilinear-align-corners',
    });
  }, 120_000);

  it('gives what TensorFlow.js gives for random input, within 1e-5', async () => {
    const pictures = Float32Array.from(randomPictures(4, size, size, 11), (value, at) => value * 0.97 + (at % 5));
    const ours = await scoresOf(file('model.fp32.onnx'), pictures, [4, size, size, 3]);
    for (let n = 0; n < 4; n += 1) {
      const picture = pictures.slice(n * size * size * 3, (n + 1) * size * size * 3);
      const theirs = tensorFlow.predict(
        picture.map((value) => value / 255),
        size,
      );
      expect(largestDifference(ours.subarray(n * 5, n * 5 + 5), theirs)).toBeLessThan(1e-5);
    }
  });

  it.each(photographs(Object.keys(expected)))('labels %s as TensorFlow.js does, within 1e-5', async (name, bytes) => {
    const { data, info } = await sharp(bytes)
      .rotate()
      .removeAlpha()
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const theirPixels = tensorFlow.resize(new Uint8Array(data), info.height, info.width, size);
    const ours = await scoresOf(file('model.fp32.onnx'), theirPixels, [1, size, size, 3]);
    const theirs = tensorFlow.predict(
      theirPixels.map((value) => value / 255),
      size,
    );
    expect(largestDifference(ours, theirs)).toBeLessThan(1e-5);
    const [label, score] = expected[name] ?? [];
    expect(ours.indexOf(Math.max(...ours))).toBe(label);
    expect(ours[label ?? -1]).toBeCloseTo(score ?? 0, 3);
  });

  it('is one convolution a layer: no batch norm, no padding, no scaling of its own is left', () => {
    const text = Buffer.from(file('model.fp32.onnx')).toString('latin1');
    for (const operator of ['BatchNormalization', 'Pad', 'Div', 'Dropout'])
      expect(text).not.toContain(`\x22${String.fromCharCode(operator.length)}${operator}`);
  });

  it('does not depend on the batch', () => {
    expect(imported.draft.manifest.variants.fp32?.stableBatch).toBe(1);
  });

  it('is the same file every time', async () => {
    const again = await importLayersModel(starterSource(), {
      labels: starterLabels,
      source: 'nsfwjs',
      range: '0..1',
      kernel: 'bilinear-align-corners',
    });
    expect(Buffer.from(again.draft.files.get('model.fp32.onnx') ?? []).equals(file('model.fp32.onnx'))).toBe(true);
  }, 60_000);
});

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  expect(a.length).toBe(b.length);
  return Array.from(a, (value, at) => Math.abs(value - (b[at] ?? Number.NaN))).reduce(
    (most, value) => (value > most || Number.isNaN(value) ? value : most),
    0,
  );
};
