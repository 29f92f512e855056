import { describe, expect, it } from 'vitest';
import { importModel } from '../src/index.ts';
import { randomPictures } from '../src/random-pictures.ts';
import { openPythonScript, type TensorFlowRun } from './support/python-tensorflow.ts';
import { scoresOf } from './support/run-graph.ts';
import { graphFile } from './support/served.ts';
import { labels } from './support/small-models.ts';

interface KerasRun extends TensorFlowRun {
  readonly build: string;
}
/** Files in base64. */
interface KerasAnswer {
  readonly rows?: number[][];
  readonly h5?: string;
  readonly keras?: string;
  readonly error?: string;
}

const opened = await openPythonScript<KerasRun, KerasAnswer>('make-keras.py').catch((error: unknown) => String(error));
const missing = typeof opened === 'string' ? `: ${opened}` : '';

describe.skipIf(typeof opened === 'string')(`models that Keras itself saved${missing}`, () => {
  it.each([
    ['chain', 32],
    ['branches', 33],
    ['transfer', 96],
    ['pixelwise', 32],
    ['efficient', 64],
  ])(
    '%s: the same scores, of .h5 and .keras',
    async (build, side) => {
      if (typeof opened === 'string') throw new Error(opened);
      const shape = [3, side, side, 3];
      const pixels = randomPictures(3, side, side, 7);
      const [made] = await opened([{ build, files: new Map(), pixels, shape }]);
      expect(made?.error).toBeUndefined();
      const wanted = made?.rows?.flat() ?? [];
      expect(wanted).toHaveLength(3 * labels.length);
      for (const form of ['h5', 'keras'] as const) {
        const file = Buffer.from(made?.[form] ?? '', 'base64');
        const options = { labels, source: `${build}.${form}`, range: '0..255', activation: 'none' } as const;
        const scores = await scoresOf(graphFile(await importModel(file, options)), pixels, shape);
        const off = Math.max(...wanted.map((score, at) => Math.abs(score - (scores[at] ?? Number.NaN))));
        expect(off, form).toBeLessThan(1e-5);
      }
    },
    240_000,
  );
});
