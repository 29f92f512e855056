import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { digestOf, type ServingModel } from '@rookery/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findEngine, findInstalled, openClassifier, pinOf } from '../src/index.ts';
import { providersOf } from '../src/session.ts';
import { bird224, birdNames, birds, hasShared } from './shared.ts';

/** Where `ROOKERY_ENGINES=.cache/engines rookery engines install ...` put them. */
const installed = resolve(import.meta.dirname, '../../../.cache/engines');
const [openvino] = findInstalled('openvino', installed);
const [tensorflow] = findInstalled('tensorflow', installed);

const onnx = { format: 'onnx', variant: 'fp32' } as const;
const graph = { format: 'tfjs', variant: 'tfjs' } as const;

describe('an engine is found without being loaded', () => {
  it('is ONNX Runtime for ONNX', () => expect(findEngine(onnx, {}).name).toBe('onnxruntime'));
  it('refuses a format that it does not run, and says which engine does', () =>
    expect(() => findEngine(graph, { engine: 'onnx' })).toThrow(/tfjs.*--engine tensorflow/));
  it('says how to get what is not installed', () =>
    expect(() => findEngine(graph, { enginesFolder: '/nowhere' })).toThrow(/rookery engines install tensorflow/));
  it('refuses TensorRT without a device', () =>
    expect(() => findEngine(onnx, { engine: 'tensorrt' })).toThrow(/--device 0/));
  it('names TensorRT apart in pins', () =>
    expect(findEngine(onnx, { engine: 'tensorrt', device: [0] }).name).toBe('onnxruntime-tensorrt'));
  it('asks TensorRT first, then CUDA', () =>
    expect(providersOf(1, true)).toEqual([
      { name: 'tensorrt', deviceId: 1 },
      { name: 'cuda', deviceId: 1 },
    ]));
});

describe.skipIf(!openvino || !hasShared)('OpenVINO gives the scores of ONNX Runtime', () => {
  it.each([1, 3, 8])(
    'within 1e-3, batch %i',
    async (batch) => {
      const model = await birds('fp32');
      const scoresOf = async (options: object) => {
        await using classifier = await openClassifier(model, { batch, threads: 2, ...options });
        return await Promise.all(
          birdNames.map(async (name) => (await classifier.classify(bird224(name), { top: 1, scores: true })).scores),
        );
      };
      const options = { engine: 'openvino', enginesFolder: installed } as const;
      expect(pinOf(model, options).engine.name).toBe('openvino');
      const [theirs, ours] = [await scoresOf(options), await scoresOf({})];
      expect(largestDifference(theirs, ours)).toBeLessThanOrEqual(1e-3);
    },
    60_000,
  );
});

describe.skipIf(!tensorflow)('TensorFlow runs a layers model', () => {
  let folder: string;
  const weights = Array.from({ length: 9 }, (_, index) => (index % 4) - 1.5);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rookery-engines-'));
    // The same without its native library: what a machine without a compiler has.
    await mkdir(join(folder, 'engines', 'tensorflow'), { recursive: true });
    await writeFile(join(folder, 'engines', 'tensorflow', 'package.json'), '{}');
    await symlink(
      join(installed, 'tensorflow', 'node_modules'),
      join(folder, 'engines', 'tensorflow', 'node_modules'),
      'dir',
    );
    await writeFile(join(folder, 'weights.bin'), new Uint8Array(new Float32Array([...weights, 0, 0, 0]).buffer));
    const layers = [
      {
        class_name: 'GlobalAveragePooling2D',
        config: { name: 'pool', batch_input_shape: [null, 4, 4, 3], dtype: 'float32' },
      },
      { class_name: 'Dense', config: { name: 'dense', units: 3, activation: 'softmax', use_bias: true } },
    ];
    const specs = [
      { name: 'dense/kernel', shape: [3, 3], dtype: 'float32' },
      { name: 'dense/bias', shape: [3], dtype: 'float32' },
    ];
    const modelTopology = { class_name: 'Sequential', config: { name: 'tiny', layers }, keras_version: '2.2.4' };
    const description = {
      format: 'layers-model',
      modelTopology,
      weightsManifest: [{ paths: ['weights.bin'], weights: specs }],
    };
    await writeFile(join(folder, 'model.json'), JSON.stringify(description));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(['tensorflow', 'tensorflow.js-wasm'])(
    '%s: the scores are those of plain arithmetic, in any batch',
    async (name) => {
      const base = await tinyServing(folder);
      const enginesFolder = name === 'tensorflow' ? installed : join(folder, 'engines');
      expect(pinOf(base, { enginesFolder }).engine.name).toBe(name);
      const pictures = Array.from({ length: 7 }, (_, seed) =>
        Uint8Array.from({ length: 48 }, (_unused, index) => (index * 37 + seed * 61) % 256),
      );
      for (const batch of [1, 3, 8]) {
        await using classifier = await openClassifier(base, { batch, threads: 1, enginesFolder });
        const found = await Promise.all(
          pictures.map(
            async (picture) => (await classifier.classifyPixels(picture.slice(), { top: 3, scores: true })).scores,
          ),
        );
        expect(
          largestDifference(
            found,
            pictures.map((picture) => expectedScores(picture, weights)),
          ),
        ).toBeLessThan(1e-5);
      }
    },
    60_000,
  );
});

function expectedScores(picture: Uint8Array, weights: readonly number[]): Float32Array {
  // BGR, (value / 255 - 0.5) / 0.25.
  const means = [2, 1, 0].map((channel) => {
    const values = [...picture].filter((_, index) => index % 3 === channel);
    return (values.reduce((sum, value) => sum + value, 0) / values.length / 255 - 0.5) / 0.25;
  });
  const logits = [0, 1, 2].map((unit) =>
    means.reduce((sum, mean, channel) => sum + mean * (weights[channel * 3 + unit] as number), 0),
  );
  const powers = logits.map(Math.exp);
  const sum = powers.reduce((total, power) => total + power, 0);
  return Float32Array.from(powers, (power) => power / sum);
}

function largestDifference(some: (Float32Array | undefined)[], others: (Float32Array | undefined)[]): number {
  expect(some.length).toBe(others.length);
  return Math.max(
    ...some.flatMap((scores, place) =>
      Array.from(scores ?? [], (score, index) => Math.abs(score - (others[place]?.[index] ?? Number.NaN))),
    ),
  );
}

async function tinyServing(path: string): Promise<ServingModel> {
  const bytes = new TextEncoder().encode('x');
  return {
    name: 'tiny',
    version: 'v1',
    variant: 'tfjs',
    format: 'tfjs',
    graph: { path, digest: digestOf(bytes) },
    input: { name: 'input', type: 'uint8' },
    output: { name: 'dense', classes: 3 },
    preprocessing: { width: 4, height: 4, resize: 'stretch', kernel: 'linear' },
    decode: 'exact',
    stableBatch: 1,
    adapt: {
      layout: 'nhwc',
      channels: 'bgr',
      scale: 1 / 255,
      mean: [0.5, 0.5, 0.5],
      std: [0.25, 0.25, 0.25],
      activation: 'none',
    },
    labels: ['a', 'b', 'c'],
    labelsDigest: digestOf(bytes),
  };
}
