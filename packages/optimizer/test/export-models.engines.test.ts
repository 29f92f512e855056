import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type ExportSource,
  exportFacts,
  exportFormats,
  exportModel,
  importFolder,
  importModel,
  proveExport,
  storedInHalves,
} from '../src/index.ts';
import { decodeModel, encodeModel } from '../src/onnx/codec.ts';
import { floatTensor } from '../src/onnx/tensor.ts';
import { randomPictures } from '../src/random-pictures.ts';
import { readTflite } from '../src/tflite/read-tflite.ts';
import { exportCases } from './support/export-cases.ts';
import { importShared, importStarter, reading, sourceOfCase, sourceOfDraft } from './support/export-sources.ts';
import { scoresOfGraphModel } from './support/graph-model.ts';
import { netClasses, quantisedNet } from './support/quantised-net.ts';
import { scoresOf } from './support/run-graph.ts';
import { starterLabels } from './support/starter-source.ts';

const shared = process.env.ROOKERY_SHARED ?? fileURLToPath(new URL('../../../../shared', import.meta.url));
const require = createRequire(import.meta.url);

const models = [
  ['the starter model', true, async () => sourceOfDraft((await importStarter()).draft, 'fp32', starterLabels)],
  ...['birds_v1', 'imagenet_small'].map((name) => [
    `${name} of the shared folder`,
    existsSync(`${shared}/models/${name}`),
    async () => {
      const { draft, labels } = await importShared(`${shared}/models/${name}`);
      return sourceOfDraft(draft, 'fp32', labels);
    },
  ]),
] as [string, boolean, () => Promise<ExportSource>][];

describe.each(models)('%s, exported', (_, isThere, open) => {
  let source: ExportSource;
  beforeAll(async () => {
    if (isThere) source = await open();
  }, 120_000);

  it.runIf(isThere).each(exportFormats)(
    'as %s it keeps its scores through our own importer',
    async (format) => {
      const { difference, pictures } = await proveExport(source, format, reading(exportModel(source, format)));
      expect(pictures).toBe(8);
      expect(difference).toBeLessThan(1e-5);
    },
    120_000,
  );

  it.runIf(isThere)(
    'has the same scores in TensorFlow.js itself, its weights in files of 4 MB at most',
    async () => {
      setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'))}/dist/`);
      await tf.setBackend('wasm');
      const files = exportModel(source, 'tfjs');
      for (const [name, { byteLength }] of files)
        expect(byteLength).toBeLessThanOrEqual(name.endsWith('.bin') ? 4_000_000 : 200_000);
      const { width, height } = source.manifest.preprocessing;
      const bytes = randomPictures(2, height, width, 21);
      const pixels = source.manifest.signature.input.type === 'uint8' ? bytes : Float32Array.from(bytes);
      const expected = await scoresOf(source.graph, pixels, [2, height, width, 3]);
      const found = await scoresOfGraphModel(files, pixels, [2, height, width, 3]);
      expect(found).toHaveLength(expected.length);
      expect(largestDifference(expected, found)).toBeLessThan(1e-5);
    },
    120_000,
  );

  it.runIf(isThere)('moves no value: what was only another order of axes is gone', () => {
    const operators = readTflite(exportModel(source, 'tflite').get('model.tflite') ?? new Uint8Array()).operators;
    const names = operators.map(({ name }) => name);
    expect(names).not.toContain('TRANSPOSE');
    // Activations are part of what comes before them.
    expect(names.filter((name) => name.startsWith('RELU'))).toEqual([]);
    expect(names.filter((name) => name === 'RESHAPE').length).toBeLessThanOrEqual(1);
  });
});

describe('a network in bytes, exported', () => {
  const labels = Array.from({ length: netClasses }, (_, n) => `class ${n}`);
  let source: ExportSource;
  beforeAll(async () => {
    const { draft } = await importModel(quantisedNet({ type: 'int8' }), { labels, source: 'net.tflite' });
    source = sourceOfDraft(draft, 'int8', labels);
  });

  it('computes in integers in TensorFlow Lite, its weights to the bit', async () => {
    const bytes = exportModel(source, 'tflite').get('model.tflite') ?? new Uint8Array();
    const { operators, tensors, inputs } = readTflite(bytes);
    expect(tensors[inputs[0] ?? -1]?.type).toBe('uint8');
    const computing = operators.filter(({ name }) => /CONV_2D|FULLY_CONNECTED|ADD|MEAN/.test(name));
    expect(computing.map(({ name }) => name)).toEqual([
      'CONV_2D',
      'DEPTHWISE_CONV_2D',
      'CONV_2D',
      'ADD',
      'CONV_2D',
      'MEAN',
      'FULLY_CONNECTED',
    ]);
    for (const { inputs: read, outputs } of computing.slice(0, -1))
      for (const index of [...read.slice(0, 1), ...outputs]) expect(tensors[index]?.type).toBe('int8');
    const { difference } = await proveExport(source, 'tflite', reading(new Map([['model.tflite', bytes]])));
    expect(difference).toBeLessThan(0.01);
  });

  it.each(['weights alone in bytes', 'weights of a dense layer alone in bytes'])(
    'keeps them as bytes where a layer computes in real numbers: %s',
    (name) => {
      const layer = sourceOfCase(exportCases[name] ?? { write: (_, value) => value, scores: 0 });
      const { tensors } = readTflite(exportModel(layer, 'tflite').get('model.tflite') ?? new Uint8Array());
      expect(tensors.filter(({ type, bytes }) => type === 'int8' && bytes)).toHaveLength(1);
    },
  );

  it.each(['tfjs', 'savedmodel'] as const)('is refused as %s, with its variant and the node', (format) => {
    expect(() => exportModel(source, format)).toThrow(
      expect.objectContaining({
        code: 'MODEL_OPERATOR_UNSUPPORTED',
        detail: expect.stringMatching(new RegExp(`^the variant int8 cannot be written as ${format}: node "`)),
      }),
    );
  });
});

describe('whatever is exported', () => {
  const source = sourceOfCase(exportCases['pictures that come as bytes'] ?? { write: (_, value) => value, scores: 0 });

  it('says in its facts what goes in and what comes out', () => {
    expect(exportFacts(source, 'tfjs')).toMatchObject({
      format: 'tfjs',
      file: 'model.json',
      input: { name: 'images', type: 'int32', shape: [null, 9, 10, 3], channels: 'rgb', range: '0..255' },
      output: { name: 'scores', classes: 360 },
    });
    expect(exportFacts(source, 'tflite').input.type).toBe('uint8');
  });

  it('carries its labels and what it is in the metadata of an ONNX file', () => {
    const { metadataProps = [] } = decodeModel(exportModel(source, 'onnx').get('model.onnx') ?? new Uint8Array());
    const said = Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]));
    expect(said['rookery.model']).toBe('case@000000000000');
    expect(said['rookery.labels']?.split('\n')).toEqual(source.labels);
  });

  it('has nothing in an ONNX file that nothing reads', () => {
    const model = decodeModel(source.graph);
    const unread = floatTensor('unread', [2], [1, 2]);
    model.graph.initializer = [...model.graph.initializer, unread];
    const written = exportModel({ ...source, graph: encodeModel(model) }, 'onnx').get('model.onnx') ?? new Uint8Array();
    const { initializer } = decodeModel(written).graph;
    expect(initializer.map(({ name }) => name)).toEqual(
      decodeModel(source.graph).graph.initializer.map(({ name }) => name),
    );
  });

  it.each(['tfjs', 'savedmodel'] as const)(
    'is taken for pictures as they are when it is imported from %s',
    async (format) => {
      const { labels } = source;
      const { notes, draft } = await importFolder(reading(exportModel(source, format)), { labels, source: 'model' });
      expect(notes).toContain('range: 0..255 (the input takes whole numbers)');
      expect(draft.manifest.normalisation).toMatchObject({ scale: 1, mean: [0, 0, 0], std: [1, 1, 1] });
    },
  );

  it('may have its weights in half precision', async () => {
    const convolution = sourceOfCase(
      exportCases['a dense layer of whole pictures'] ?? { write: (_, value) => value, scores: 0 },
    );
    const halves = { ...convolution, graph: storedInHalves(convolution.graph) };
    const { difference } = await proveExport(halves, 'savedmodel', reading(exportModel(halves, 'savedmodel')));
    expect(difference).toBeLessThan(2e-5);
  });

  it.each([
    ['an operator that is not known', 'Det', 'node "odd" (Det)'],
    ['groups that are not single channels', 'Conv', 'node "odd" (Conv): 2 groups of 2 channels'],
  ])('is refused where it has %s, which is named with its node', (_, op, what) => {
    const odd = sourceOfCase({
      write: (graph, value) =>
        op === 'Conv'
          ? graph.node(
              'Conv',
              [value, graph.floats('weights', [4, 2, 1, 1], [1, 2, 3, 4, 5, 6, 7, 8])],
              { group: 2 },
              'odd',
            )
          : graph.node(op, [value], {}, 'odd'),
      scores: 360,
    });
    for (const format of ['tfjs', 'savedmodel', 'tflite'] as const)
      expect(() => exportModel(odd, format)).toThrow(
        expect.objectContaining({
          code: 'MODEL_OPERATOR_UNSUPPORTED',
          detail: `the variant fp32 cannot be written as ${format}: ${what}`,
        }),
      );
  });

  it('is not passed for the model where its scores are others', async () => {
    const model = decodeModel(source.graph);
    model.graph.initializer = model.graph.initializer.map((tensor) =>
      tensor.name === 'front_scale' ? { ...tensor, rawData: new Uint8Array(Float32Array.of(1 / 60).buffer) } : tensor,
    );
    const files = exportModel({ ...source, graph: encodeModel(model) }, 'savedmodel');
    await expect(proveExport(source, 'savedmodel', reading(files))).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      detail: expect.stringMatching(/^fp32 as savedmodel gives other scores than the model itself, by /),
    });
  });
});

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (value, at) => Math.abs(value - (b[at] ?? Number.NaN))));
