import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { expect, it } from 'vitest';
import { GraphDefBuilder, intsAttr, shapeOf, textAttr, typeAttr } from '../src/export/tensorflow/graph-def-builder.ts';
import { importModel } from '../src/index.ts';
import { randomPictures } from '../src/random-pictures.ts';
import { encodeTf } from '../src/tfgraph/codec.ts';
import { TfType } from '../src/tfgraph/messages.ts';
import { scoresOf } from './support/run-graph.ts';
import { graphFile, operators } from './support/served.ts';

const side = 6;
const float = { T: typeAttr(TfType.float) };
const [scale, shift, mean, variance] = [
  [1.2, 0.7, -0.4],
  [0.1, -0.2, 0.3],
  [0.4, 0.5, 0.6],
  [0.3, 0.8, 1.5],
] as const;
const epsilon = 1e-3;

/** Means of the channels, normalised as Keras writes it: `x * (gamma * rsqrt(variance + epsilon)) + (beta - mean * ...)`. */
function keras(): Uint8Array {
  const graph = new GraphDefBuilder([]);
  const constant = (name: string, values: readonly number[]): string =>
    graph.floats('norm', name, values.length === 1 ? [] : [values.length], Float32Array.from(values));
  graph.node('Placeholder', 'pixels', [], {
    dtype: typeAttr(TfType.float),
    shape: { shape: shapeOf([-1, side, side, 3]) },
  });
  const window = { ksize: intsAttr([1, side, side, 1]), strides: intsAttr([1, 1, 1, 1]), padding: textAttr('VALID') };
  graph.node('AvgPool', 'pool', ['pixels'], { ...float, ...window });
  graph.node('AddV2', 'plus', [constant('variance', variance), constant('epsilon', [epsilon])], float);
  graph.node('Rsqrt', 'rsqrt', ['plus'], float);
  graph.node('Mul', 'factor', ['rsqrt', constant('gamma', scale)], float);
  graph.node('Mul', 'scaled', ['pool', 'factor'], float);
  graph.node('Mul', 'moved', [constant('mean', mean), 'factor'], float);
  graph.node('Sub', 'rest', [constant('beta', shift), 'moved'], float);
  graph.node('AddV2', 'normal', ['scaled', 'rest'], float);
  graph.node('Reshape', 'row', ['normal', graph.ints('row', 'shape', [-1, 3])], float);
  graph.node('Softmax', 'scores', ['row'], float);
  return encodeTf('GraphDef', graph.graphDef(true));
}

it('imports a batch norm that Keras wrote as arithmetic with constants', async () => {
  const imported = await importModel(keras(), { labels: ['a', 'b', 'c'], source: 'frozen.pb', range: '0..1' });
  expect(operators(imported)).not.toContain('Sqrt');
  const pictures = randomPictures(2, side, side, 6);
  const found = await scoresOf(graphFile(imported), pictures, [2, side, side, 3]);
  for (const n of [0, 1]) {
    const powers = [0, 1, 2].map((c) => {
      let sum = 0;
      for (let p = 0; p < side * side; p += 1) sum += (pictures[(n * side * side + p) * 3 + c] ?? 0) / 255;
      const factor = (scale[c] ?? 0) / Math.sqrt((variance[c] ?? 0) + epsilon);
      return Math.exp((sum / side ** 2 - (mean[c] ?? 0)) * factor + (shift[c] ?? 0));
    });
    const total = powers.reduce((all, power) => all + power, 0);
    for (const c of [0, 1, 2]) expect(found[n * 3 + c]).toBeCloseTo((powers[c] ?? 0) / total, 5);
  }
});

/** A dense layer at each pixel, as Keras writes it: rows of all pixels, and GELU with `Erfc`. */
function pixelwise(kernel: Float32Array): Uint8Array {
  const graph = new GraphDefBuilder([]);
  const int = typeAttr(TfType.int32);
  graph.node('Placeholder', 'pixels', [], {
    dtype: typeAttr(TfType.float),
    shape: { shape: shapeOf([-1, side, side, 3]) },
  });
  graph.node('Shape', 'shape', ['pixels'], { ...float, out_type: int });
  graph.node('GatherV2', 'free', ['shape', graph.ints('free', 'axes', [0, 1, 2]), graph.ints('free', 'axis', [0])], {
    Tparams: int,
  });
  graph.node('Prod', 'count', ['free', graph.ints('count', 'axis', [0])], { T: int });
  graph.node('Pack', 'rows', ['count', graph.ints('rows', 'channels', [3])], { T: int });
  graph.node('Reshape', 'flat', ['pixels', 'rows'], float);
  graph.node('MatMul', 'product', ['flat', graph.floats('product', 'kernel', [3, 3], kernel)], float);
  graph.node('ConcatV2', 'shape_out', ['free', graph.ints('out', 'channels', [3]), graph.ints('out', 'axis', [0])], {
    T: int,
  });
  graph.node('Reshape', 'dense', ['product', 'shape_out'], float);
  graph.node('Erfc', 'erfc', ['dense'], float);
  const window = { ksize: intsAttr([1, side, side, 1]), strides: intsAttr([1, 1, 1, 1]), padding: textAttr('VALID') };
  graph.node('AvgPool', 'pool', ['erfc'], { ...float, ...window });
  graph.node('Reshape', 'row', ['pool', graph.ints('row', 'shape', [-1, 3])], float);
  graph.node('Softmax', 'scores', ['row'], float);
  return encodeTf('GraphDef', graph.graphDef(true));
}

it('imports a dense layer at each pixel, for any number of pictures', async () => {
  const kernel = Float32Array.from({ length: 9 }, (_, at) => Math.sin(at * 1.7));
  const file = pixelwise(kernel);
  const imported = await importModel(file, { labels: ['a', 'b', 'c'], source: 'frozen.pb', range: '0..1' });
  expect(imported.notes.join()).not.toMatch(/one picture after the other/);
  const pictures = randomPictures(3, side, side, 8);
  const found = await scoresOf(graphFile(imported), pictures, [3, side, side, 3]);
  const pixels = tf.div(tf.tensor2d(Float32Array.from(pictures), [3 * side * side, 3]), 255);
  const dense = tf.matMul(pixels, tf.tensor2d(kernel, [3, 3]));
  const means = tf.mean(tf.reshape(tf.sub(1, tf.erf(dense)), [3, side * side, 3]), 1);
  for (const [at, score] of tf.softmax(means).dataSync().entries()) expect(found[at]).toBeCloseTo(score, 5);
});

it('imports a convolution that TensorFlow put together with its bias and hard swish', async () => {
  const kernel = Float32Array.from({ length: 9 }, (_, at) => Math.sin(at * 2.3) * 4);
  const graph = new GraphDefBuilder([]);
  graph.node('Placeholder', 'pixels', [], {
    dtype: typeAttr(TfType.float),
    shape: { shape: shapeOf([-1, side, side, 3]) },
  });
  const fused = ['BiasAdd', '_FusedHardSwish'].map((name) => Buffer.from(name));
  const operands = [
    graph.floats('conv', 'kernel', [1, 1, 3, 3], kernel),
    graph.floats('conv', 'bias', [3], Float32Array.of(0.5, -1, 2)),
  ];
  graph.node('_FusedConv2D', 'conv', ['pixels', ...operands], {
    ...float,
    strides: intsAttr([1, 1, 1, 1]),
    padding: textAttr('VALID'),
    fused_ops: { list: { s: fused } },
  });
  const window = { ksize: intsAttr([1, side, side, 1]), strides: intsAttr([1, 1, 1, 1]), padding: textAttr('VALID') };
  graph.node('AvgPool', 'pool', ['conv'], { ...float, ...window });
  graph.node('Reshape', 'row', ['pool', graph.ints('row', 'shape', [-1, 3])], float);
  graph.node('Softmax', 'scores', ['row'], float);
  const file = encodeTf('GraphDef', graph.graphDef(true));
  const imported = await importModel(file, { labels: ['a', 'b', 'c'], source: 'frozen.pb', range: '0..1' });
  const pictures = randomPictures(2, side, side, 9);
  const found = await scoresOf(graphFile(imported), pictures, [2, side, side, 3]);
  const pixels = tf.div(tf.tensor2d(Float32Array.from(pictures), [2 * side * side, 3]), 255);
  const made = tf.add(tf.matMul(pixels, tf.tensor2d(kernel, [3, 3])), tf.tensor1d([0.5, -1, 2]));
  const swished = tf.mul(made, tf.div(tf.relu6(tf.add(made, 3)), 6));
  const means = tf.mean(tf.reshape(swished, [2, side * side, 3]), 1);
  for (const [at, score] of tf.softmax(means).dataSync().entries()) expect(found[at]).toBeCloseTo(score, 5);
});

/** A convolution of pictures cut up, as older TensorFlow dilates, and what may stand `between` it and the end. */
function dilated(kernel: Float32Array, between?: string): Uint8Array {
  const graph = new GraphDefBuilder([]);
  const strides = intsAttr([1, 1, 1, 1]);
  graph.node('Placeholder', 'pixels', [], {
    dtype: typeAttr(TfType.float),
    shape: { shape: shapeOf([-1, side, side, 3]) },
  });
  const blocks = [graph.ints('apart', 'block', [2, 3]), graph.ints('apart', 'pads', [2, 2, 3, 3], [2, 2])];
  graph.node('SpaceToBatchND', 'apart', ['pixels', ...blocks], float);
  const weights = graph.floats('conv', 'kernel', [3, 3, 3, 1], kernel);
  graph.node('DepthwiseConv2dNative', 'conv', ['apart', weights], { ...float, strides, padding: textAttr('VALID') });
  if (between) graph.node(between, 'between', ['conv'], float);
  const crops = [graph.ints('whole', 'block', [2, 3]), graph.ints('whole', 'crops', [0, 1, 0, 0], [2, 2])];
  graph.node('BatchToSpaceND', 'whole', [between ? 'between' : 'conv', ...crops], float);
  const window = { ksize: intsAttr([1, side - 1, side, 1]), strides, padding: textAttr('VALID') };
  graph.node('MaxPool', 'pool', ['whole'], { ...float, ...window });
  graph.node('Reshape', 'row', ['pool', graph.ints('row', 'shape', [-1, 3])], float);
  graph.node('Softmax', 'scores', ['row'], float);
  return encodeTf('GraphDef', graph.graphDef(true));
}

it('imports a dilated convolution that TensorFlow wrote as one of pictures cut up', async () => {
  const kernel = Float32Array.from({ length: 27 }, (_, at) => Math.sin(at * 1.3));
  const options = { labels: ['a', 'b', 'c'], source: 'frozen.pb', range: '0..1' } as const;
  const imported = await importModel(dilated(kernel), options);
  const pictures = randomPictures(2, side, side, 9);
  const found = await scoresOf(graphFile(imported), pictures, [2, side, side, 3]);
  const pixels = tf.div(tf.tensor4d(Float32Array.from(pictures), [2, side, side, 3]), 255) as tf.Tensor4D;
  const apart = tf.spaceToBatchND(
    pixels,
    [2, 3],
    [
      [2, 2],
      [3, 3],
    ],
  );
  const made = tf.depthwiseConv2d(apart as tf.Tensor4D, tf.tensor4d(kernel, [3, 3, 3, 1]), 1, 'valid');
  const whole = tf.batchToSpaceND(
    made,
    [2, 3],
    [
      [0, 1],
      [0, 0],
    ],
  );
  for (const [at, score] of tf
    .softmax(tf.max(whole, [1, 2]))
    .dataSync()
    .entries())
    expect(found[at]).toBeCloseTo(score, 5);
  await expect(importModel(dilated(kernel, 'Tanh'), options)).rejects.toMatchObject({
    code: 'MODEL_OPERATOR_UNSUPPORTED',
    detail: expect.stringMatching(
      /"whole" \(BatchToSpaceND\): blocks of \[2,3\], after more than a convolution/,
    ) as string,
  });
});
