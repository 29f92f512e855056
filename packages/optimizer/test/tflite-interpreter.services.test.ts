import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Imported, importModel } from '../src/index.ts';
import { encodeModel } from '../src/onnx/codec.ts';
import { randomPictures } from '../src/random-pictures.ts';
import { openSession, tensor } from '../src/session.ts';
import { readTflite } from '../src/tflite/read-tflite.ts';
import { tfliteToOnnx } from '../src/tflite/tflite-to-onnx.ts';
import { type NetOptions, netClasses, netSize, quantisedNet } from './support/quantised-net.ts';
import { scoresOf } from './support/run-graph.ts';
import { numbers } from './support/small-models.ts';
import { caseFile, caseShape, computing } from './support/tflite-cases.ts';
import { type Interpreter, openInterpreter } from './support/tflite-interpreter.ts';
import { reshaping } from './support/tflite-shape-cases.ts';

const shared = process.env.ROOKERY_SHARED ?? fileURLToPath(new URL('../../../../shared', import.meta.url));
const count = 2;
const opened = await openInterpreter().catch((error: unknown) => String(error));
const missing = typeof opened === 'string' ? `: ${opened}` : '';

const largestDifference = (ours: ArrayLike<number>, theirs: readonly number[]): number => {
  expect(ours).toHaveLength(theirs.length);
  return theirs.reduce((most, value, at) => Math.max(most, Math.abs(value - (ours[at] ?? Number.NaN))), 0);
};

/** Runs a graph on a batch and gives all numbers. */
async function run(file: Uint8Array, values: Float32Array, shape: readonly number[]): Promise<Float32Array> {
  await using session = await openSession(encodeModel(tfliteToOnnx(readTflite(file), 'float32')));
  const results = await session.run({ pixels: await tensor('float32', values, shape) });
  return results[session.outputs[0] ?? '']?.data as Float32Array;
}

describe.skipIf(typeof opened === 'string')(`beside TensorFlow's own interpreter${missing}`, () => {
  const interpreter: Interpreter = (runs) => (typeof opened === 'string' ? Promise.reject(opened) : opened(runs));

  describe('an operator gives the same numbers:', () => {
    const cases = Object.entries({ ...computing, ...reshaping });
    const shape = [count, ...caseShape.slice(1)];
    const values = numbers(
      shape.reduce((product, size) => product * size, 1),
      22,
    ).map((value) => value * 8);
    const expected = new Map<string, number[]>();

    beforeAll(async () => {
      const rows = await interpreter(cases.map(([, each]) => ({ file: caseFile(each), values, shape })));
      for (const [n, [name]] of cases.entries()) expected.set(name, rows[n]?.flat() ?? []);
    });

    it.each(cases)('%s', async (name, each) => {
      const theirs = expected.get(name) ?? [];
      const largest = Math.max(...theirs.map(Math.abs));
      const off = largestDifference(await run(caseFile(each), values, shape), theirs);
      // Where only weights are bytes the interpreter rounds what it multiplies them with to bytes, too.
      expect(off / largest).toBeLessThan(each.isHybrid ? 0.02 : 1e-5);
    });
  });

  /** Pictures as their model wants them. */
  const asModelInput = ({ draft }: Imported, pictures: Uint8Array): Float32Array => {
    const { scale, mean, std } = draft.manifest.normalisation;
    return Float32Array.from(pictures, (pixel, at) => (pixel * scale - (mean[at % 3] ?? 0)) / (std[at % 3] ?? 1));
  };

  async function compared(file: Uint8Array, labels: readonly string[], pictures: Uint8Array, size: number) {
    const imported = await importModel(file, { labels, source: 'model.tflite' });
    const shape = [pictures.length / (size * size * 3), size, size, 3];
    const [rows = []] = await interpreter([{ file, values: asModelInput(imported, pictures), shape }]);
    const ours = async (variant: string): Promise<number> =>
      largestDifference(
        await scoresOf(imported.draft.files.get(`model.${variant}.onnx`) ?? new Uint8Array(), pictures, shape),
        rows.flat(),
      );
    return { int8: await ours('int8'), fp32: await ours('fp32') };
  }

  it.each<[string, NetOptions]>([
    ['unsigned, one scale a tensor', { type: 'uint8' }],
    ['signed, one scale a channel', { type: 'int8' }],
    ['signed, real numbers at both ends', { type: 'int8', floatEnds: true }],
  ])('a network in bytes gives the same scores within their own rounding: %s', async (_, options) => {
    const labels = Array.from({ length: netClasses }, (_, n) => `class ${n}`);
    const { int8, fp32 } = await compared(
      quantisedNet(options),
      labels,
      randomPictures(4, netSize, netSize, 8),
      netSize,
    );
    // Scores come in steps of 1/256, logits in steps of 0.1.
    expect(int8).toBeLessThan(0.03);
    expect(fp32).toBeLessThan(0.1);
  });

  it.skipIf(!existsSync(`${shared}/models/imagenet_small`))(
    'so does the small ImageNet model, for a photograph too',
    async () => {
      const folder = `${shared}/models/imagenet_small`;
      const labels = readFileSync(`${folder}/labels.txt`, 'utf8').trim().split('\n');
      const hotDog = sharp(`${shared}/pictures/objects/hot_dog.jpg`).resize(128, 128, { fit: 'fill' }).raw();
      const pictures = new Uint8Array(Buffer.concat([randomPictures(3, 128, 128, 8), await hotDog.toBuffer()]));
      const file = new Uint8Array(readFileSync(`${folder}/model.tflite`));
      const { int8, fp32 } = await compared(file, labels, pictures, 128);
      // A step of a logit, of which the photograph has several alike, moves its scores by about that much.
      expect(int8).toBeLessThan(0.05);
      expect(fp32).toBeLessThan(0.1);
    },
  );
});
