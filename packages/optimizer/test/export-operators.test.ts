import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { exportModel, importModel, optimiseInt8, proveExport } from '../src/index.ts';
import { randomPictures } from '../src/random-pictures.ts';
import { caseSize, exportCases } from './support/export-cases.ts';
import { reading, sourceOfCase, sourceOfDraft } from './support/export-sources.ts';
import { scoresOfGraphModel } from './support/graph-model.ts';
import { scoresOf } from './support/run-graph.ts';
import { fileOf, smallModel } from './support/small-models.ts';

const { height, width } = caseSize;
const count = 3;
const bytes = randomPictures(count, height, width, 9);
const shape = [count, height, width, 3] as const;

describe.each(Object.entries(exportCases))('exported: %s', (_, each) => {
  const source = sourceOfCase(each);
  const pixels = each.input === 'uint8' ? bytes : Float32Array.from(bytes, (value, at) => value * 0.97 + (at % 5) / 4);

  it.each(['tflite', 'savedmodel', 'tfjs'] as const)(
    'as %s it keeps its scores through our own importer',
    async (format) => {
      const { difference } = await proveExport(source, format, reading(exportModel(source, format)));
      expect(difference).toBeLessThan(2e-5);
    },
  );

  describe('in TensorFlow.js itself', () => {
    beforeAll(() => tf.setBackend('cpu'));

    it('has the same scores', async () => {
      const expected = await scoresOf(source.graph, pixels, shape);
      const found = await scoresOfGraphModel(exportModel(source, 'tfjs'), pixels, shape);
      expect(found).toHaveLength(expected.length);
      expect(Math.max(...expected.map((score, at) => Math.abs(score - (found[at] ?? Number.NaN))))).toBeLessThan(2e-5);
    });
  });
});

describe('exported: GELU by its error function', () => {
  const source = sourceOfCase({
    write: (graph, value) => {
      const erf = graph.node('Erf', [graph.node('Div', [value, graph.floats('root', [], [Math.SQRT2])])], {}, 'erf');
      const open = graph.node('Add', [erf, graph.floats('one', [], [1])]);
      return graph.node('Mul', [graph.node('Mul', [value, open]), graph.floats('half', [], [0.5])]);
    },
    scores: caseSize.channels * height * width,
  });

  it.each(['savedmodel', 'tfjs'] as const)('as %s it keeps its scores through our own importer', async (format) => {
    const { difference } = await proveExport(source, format, reading(exportModel(source, format)));
    expect(difference).toBeLessThan(2e-5);
  });

  it('has the same scores in TensorFlow.js itself', async () => {
    await tf.setBackend('cpu');
    const pixels = Float32Array.from(bytes);
    const expected = await scoresOf(source.graph, pixels, shape);
    const found = await scoresOfGraphModel(exportModel(source, 'tfjs'), pixels, shape);
    expect(Math.max(...expected.map((score, at) => Math.abs(score - (found[at] ?? Number.NaN))))).toBeLessThan(2e-5);
  });

  it('is refused as TensorFlow Lite, which has no such operator', () => {
    expect(() => exportModel(source, 'tflite')).toThrow(
      expect.objectContaining({
        code: 'MODEL_OPERATOR_UNSUPPORTED',
        detail: expect.stringMatching(/cannot be written as tflite: node "erf" \(Erf\): TensorFlow Lite has no such/),
      }),
    );
  });
});

describe('exported: a model that computes in half precision', () => {
  it.each(['tflite', 'savedmodel', 'tfjs'] as const)(
    'as %s it keeps its scores as far as halves say them',
    async (format) => {
      const labels = Array.from({ length: 5 }, (_, n) => `class ${n}`);
      const file = fileOf(smallModel({ type: 'float16' }));
      const { draft } = await importModel(file, { labels, source: 'half.onnx', range: 'imagenet' });
      const source = sourceOfDraft(draft, 'fp16', labels);
      const { difference, tolerance } = await proveExport(source, format, reading(exportModel(source, format)));
      expect(difference).toBeGreaterThan(1e-4);
      expect(difference).toBeLessThan(tolerance);
      const sample = { pixels: randomPictures(4, 24, 24, 3), count: 4, width: 24, height: 24 };
      await expect(optimiseInt8(source.graph, sample)).rejects.toThrow(/half precision; add the model in float32/);
    },
  );
});
