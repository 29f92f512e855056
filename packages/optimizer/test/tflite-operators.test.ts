import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeModel } from '../src/onnx/codec.ts';
import { openSession, tensor } from '../src/session.ts';
import { readTflite } from '../src/tflite/read-tflite.ts';
import { tfliteToOnnx } from '../src/tflite/tflite-to-onnx.ts';
import { numbers } from './support/small-models.ts';
import { caseFile, caseShape, computing } from './support/tflite-cases.ts';
import { reshaping } from './support/tflite-shape-cases.ts';

const [, ...picture] = caseShape;
/** Two pictures at once, though the files are made for one. */
const dims = [2, ...picture] as [number, number, number, number];
const values = numbers(
  dims.reduce((product, size) => product * size, 1),
  21,
).map((value) => value * 8);

describe('an imported TFLite file computes as TensorFlow does, for any batch:', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it.each(Object.entries({ ...computing, ...reshaping }))('%s', async (_, each) => {
    const graph = tfliteToOnnx(readTflite(caseFile(each)), 'float32');
    await using session = await openSession(encodeModel(graph));
    const result = (await session.run({ pixels: await tensor('float32', values, dims) }))[session.outputs[0] ?? ''];
    const expected = tf.tidy(() => each.expected(tf.tensor4d(values, dims)).clone());
    expect(result?.dims).toEqual(expected.shape);
    const given = result?.data as Float32Array;
    const off = Float32Array.from(expected.dataSync()).reduce(
      (most, value, at) => Math.max(most, Math.abs(value - (given[at] ?? Number.NaN))),
      0,
    );
    expect(off).toBeLessThan(2e-5);
  });
});
