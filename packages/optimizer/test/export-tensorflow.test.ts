import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type ExportSource, exportModel } from '../src/index.ts';
import { randomPictures } from '../src/random-pictures.ts';
import { exportCases } from './support/export-cases.ts';
import { importShared, importStarter, sourceOfCase, sourceOfDraft } from './support/export-sources.ts';
import { openPythonTensorFlow, type TensorFlow } from './support/python-tensorflow.ts';
import { scoresOf } from './support/run-graph.ts';
import { starterLabels } from './support/starter-source.ts';

const shared = process.env.ROOKERY_SHARED ?? fileURLToPath(new URL('../../../../shared', import.meta.url));
const opened = await openPythonTensorFlow().catch((error: unknown) => String(error));
const missing = typeof opened === 'string' ? `: ${opened}` : '';
const count = 3;

describe.skipIf(typeof opened === 'string')(`TensorFlow itself reads what is exported${missing}`, () => {
  const tensorFlow: TensorFlow = (runs) => (typeof opened === 'string' ? Promise.reject(opened) : opened(runs));

  /** Largest difference of a score for pictures in one batch, of each export. */
  async function differences(
    exports: readonly (readonly [ExportSource, 'savedmodel' | 'tflite'])[],
  ): Promise<number[]> {
    const runs = exports.map(([source, format]) => {
      const { width, height } = source.manifest.preprocessing;
      const bytes = randomPictures(count, height, width, 13);
      const pixels = source.manifest.signature.input.type === 'uint8' ? bytes : Float32Array.from(bytes);
      return { files: exportModel(source, format), pixels, shape: [count, height, width, 3] };
    });
    const results = await tensorFlow(runs);
    return Promise.all(
      exports.map(async ([source], n) => {
        const [run, found] = [runs[n], results[n]];
        if (!run || !(found instanceof Float32Array)) throw new Error(`TensorFlow said: ${found}`);
        const expected = await scoresOf(source.graph, run.pixels, run.shape);
        expect(found).toHaveLength(expected.length);
        return Math.max(...expected.map((score, at) => Math.abs(score - (found[at] ?? Number.NaN))));
      }),
    );
  }

  describe.each(['savedmodel', 'tflite'] as const)('as %s', (format) => {
    it('every operator: the same scores', async () => {
      const cases = Object.entries(exportCases);
      const found = await differences(cases.map(([, each]) => [sourceOfCase(each), format]));
      expect(found).toHaveLength(cases.length);
      const off = cases.flatMap(([name], n) => ((found[n] ?? Number.NaN) < 5e-5 ? [] : [`${name}: ${found[n]}`]));
      expect(off).toEqual([]);
    }, 240_000);

    it('the starter model: the same scores', async () => {
      const source = sourceOfDraft((await importStarter()).draft, 'fp32', starterLabels);
      expect((await differences([[source, format]]))[0]).toBeLessThan(1e-5);
    }, 240_000);

    it.skipIf(!existsSync(`${shared}/models`)).each(['birds_v1', 'imagenet_small'])(
      '%s of the shared folder: the same scores',
      async (model) => {
        const { draft, labels } = await importShared(`${shared}/models/${model}`);
        expect((await differences([[sourceOfDraft(draft, 'fp32', labels), format]]))[0]).toBeLessThan(1e-5);
      },
      240_000,
    );
  });

  it.skipIf(!existsSync(`${shared}/models`)).each(['birds_v1', 'imagenet_small'])(
    '%s of the shared folder in bytes: the same scores within their own rounding',
    async (model) => {
      const { draft, labels } = await importShared(`${shared}/models/${model}`);
      expect((await differences([[sourceOfDraft(draft, 'int8', labels), 'tflite']]))[0]).toBeLessThan(0.03);
    },
    240_000,
  );
});
