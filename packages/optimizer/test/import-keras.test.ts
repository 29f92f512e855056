import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import * as layers from '@tensorflow/tfjs-layers';
import { zipSync } from 'fflate';
import { beforeAll, describe, expect, it } from 'vitest';
import { importModel } from '../src/index.ts';
import { randomPictures } from '../src/random-pictures.ts';
import { configOf, kerasArchive, kerasH5 } from './support/keras-files.ts';
import { scoresOf } from './support/run-graph.ts';
import { graphFile } from './support/served.ts';
import { labels } from './support/small-models.ts';

const side = 18;
const pictures = randomPictures(2, side, side, 4);
type Json = Record<string, unknown>;

/** Two convolutions, so that places of one class are counted. */
function small(): layers.LayersModel {
  const { layers: make } = layers;
  const model = layers.sequential({
    layers: [
      make.conv2d({ inputShape: [side, side, 3], filters: 4, kernelSize: 3, strides: 2, name: 'first' }),
      make.batchNormalization({ name: 'norm' }),
      make.conv2d({ filters: 6, kernelSize: 3, activation: 'relu', name: 'second' }),
      make.globalAveragePooling2d({ name: 'mean' }),
      make.dense({ units: 5, activation: 'softmax', name: 'head' }),
    ],
  });
  model.setWeights(model.weights.map(({ shape }, n) => tf.randomUniform(shape.map(Number), 0.1, 0.9, 'float32', n)));
  return model;
}

/** Normalised at each pixel, and a dense layer at each, as ConvNeXt has them. */
function pixelwise(): layers.LayersModel {
  const { layers: make } = layers;
  const model = layers.sequential({
    layers: [
      make.conv2d({ inputShape: [side, side, 3], filters: 4, kernelSize: 3, strides: 2, name: 'first' }),
      make.layerNormalization({ epsilon: 1e-6, name: 'norm' }),
      make.dense({ units: 7, activation: 'relu', name: 'wide' }),
      make.globalAveragePooling2d({ name: 'mean' }),
      make.dense({ units: 5, activation: 'softmax', name: 'head' }),
    ],
  });
  model.setWeights(model.weights.map(({ shape }, n) => tf.randomUniform(shape.map(Number), -0.9, 0.9, 'float32', n)));
  return model;
}

const means = [103.939, 116.779, 123.68] as const;
const keras3Tensor = (layer: string): Json => ({
  class_name: '__keras_tensor__',
  config: { shape: [null], dtype: 'float32', keras_history: [layer, 0, 0] },
});

/** What `preprocess_input` of ResNet and VGG becomes between layers: blue first, less the means. */
const caffe: Readonly<Record<string, readonly Json[]>> = {
  'Keras 3': [
    ...[2, 1, 0].map((channel) => ({
      class_name: 'GetItem',
      name: `channel_${channel}`,
      config: { name: `channel_${channel}` },
      inbound_nodes: [
        { args: [keras3Tensor('given'), [{ class_name: '__ellipsis__', config: {} }, channel]], kwargs: {} },
      ],
    })),
    {
      class_name: 'Stack',
      name: 'blue_first',
      config: { name: 'blue_first', axis: -1 },
      inbound_nodes: [{ args: [[2, 1, 0].map((channel) => keras3Tensor(`channel_${channel}`))], kwargs: {} }],
    },
    {
      class_name: 'Add',
      name: 'centred',
      config: { name: 'centred' },
      inbound_nodes: [
        {
          args: [
            keras3Tensor('blue_first'),
            { class_name: '__tensor__', config: { value: [[[means.map((mean) => -mean)]]], dtype: 'float32' } },
          ],
          kwargs: {},
        },
      ],
    },
  ],
  'Keras 2': [
    {
      class_name: 'SlicingOpLambda',
      name: 'blue_first',
      config: { name: 'blue_first', function: '__operators__.getitem' },
      inbound_nodes: [
        ['given', 0, 0, { slice_spec: [{ class_name: '__ellipsis__' }, { start: null, stop: null, step: -1 }] }],
      ],
    },
    {
      class_name: 'TFOpLambda',
      name: 'centred',
      config: { name: 'centred', function: 'nn.bias_add' },
      inbound_nodes: [['blue_first', 0, 0, { bias: means.map((mean) => -mean), data_format: 'NHWC' }]],
    },
  ],
};

/** The same topology as Keras 3 writes it, with the picture divided by 127.5 and 1 taken from that before anything else. */
function asKeras3(model: layers.LayersModel): Json {
  const { layers: members } = (configOf(model) as { config: { layers: { class_name: string; config: Json }[] } })
    .config;
  const tensor = (layer: string) => ({
    class_name: '__keras_tensor__',
    config: { shape: [null], dtype: 'float32', keras_history: [layer, 0, 0] },
  });
  const layer = (class_name: string, config: Json, ...args: unknown[]) => ({
    module: 'keras.layers',
    class_name,
    config,
    name: config.name,
    inbound_nodes: args.length === 0 ? [] : [{ args, kwargs: { mask: null } }],
  });
  let last = 'subtract';
  const written = members.map(({ class_name, config }) => {
    const before = last;
    last = String(config.name);
    return layer(
      class_name,
      { ...config, dtype: { class_name: 'DTypePolicy', config: { name: 'float32' } } },
      tensor(before),
    );
  });
  const front = [
    layer('InputLayer', { batch_shape: [null, side, side, 3], name: 'given' }),
    layer('TrueDivide', { name: 'divide' }, tensor('given'), 127.5),
    layer('Subtract', { name: 'subtract' }, tensor('divide'), 1),
  ];
  const config = { layers: [...front, ...written], input_layers: [['given', 0, 0]], output_layers: [[last, 0, 0]] };
  return { module: 'keras.src.models.functional', class_name: 'Functional', config };
}

async function expectAgreement(model: layers.LayersModel, file: Uint8Array, scale: number, offset: number) {
  const options = { labels, source: 'model', range: '0..255', activation: 'none' } as const;
  const ours = await scoresOf(graphFile(await importModel(file, options)), pictures, [2, side, side, 3]);
  const values = Float32Array.from(pictures, (value) => value * scale + offset);
  const theirs = (model.predict(tf.tensor4d(values, [2, side, side, 3])) as tf.Tensor).dataSync();
  for (const [at, score] of theirs.entries()) expect(Math.abs((ours[at] ?? Number.NaN) - score)).toBeLessThan(1e-5);
}

describe('a Keras file', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it.each([undefined, 1])('of HDF5 gives the scores of TensorFlow.js (names in an attribute: %s)', async (most) => {
    const model = small();
    await expectAgreement(model, await kerasH5(model, most), 1, 0);
  });

  it.each([true, false])(
    'of Keras 3 gives them too, with arithmetic between layers (layers named: %s)',
    async (named) => {
      const model = small();
      await expectAgreement(model, await kerasArchive(model, asKeras3(model), named), 1 / 127.5, -1);
    },
  );

  it.each([true, false])('normalises each pixel and has dense layers at each (an archive: %s)', async (isArchive) => {
    const model = pixelwise();
    const file = isArchive ? await kerasArchive(model, asKeras3(model), true) : await kerasH5(model);
    await expectAgreement(model, file, isArchive ? 1 / 127.5 : 1, isArchive ? -1 : 0);
  });

  it.each(Object.entries(caffe))('has its colours in the order that %s preprocessed them in', async (_, front) => {
    const model = pixelwise();
    const config = asKeras3(model) as { config: { layers: Json[] } };
    const [given] = config.config.layers;
    const rest = config.config.layers.slice(3) as { inbound_nodes: unknown }[];
    if (rest[0]) rest[0].inbound_nodes = [{ args: [keras3Tensor('centred')], kwargs: {} }];
    config.config.layers = [given ?? {}, ...front, ...(rest as unknown as Json[])];
    const imported = await importModel(await kerasArchive(model, config, true), { labels, source: 'model' });
    expect(imported.notes).toEqual(
      expect.arrayContaining(['channels: rgb (a guess)', 'range: 0..255 (the graph subtracts means)']),
    );
    const red = Uint8Array.from(pictures, (value, at) => (at % 3 === 0 ? value : 20));
    const ours = await scoresOf(graphFile(imported), red, [2, side, side, 3]);
    const scores = (turned: boolean): Float32Array => {
      const values = Float32Array.from(red, (value, at) => {
        const channel = at % 3;
        return (turned ? (red[at + 2 - 2 * channel] ?? 0) : value) - (means[channel] ?? 0);
      });
      return (model.predict(tf.tensor4d(values, [2, side, side, 3])) as tf.Tensor).dataSync() as Float32Array;
    };
    const off = (theirs: Float32Array) => Math.max(...theirs.map((score, at) => Math.abs((ours[at] ?? 0) - score)));
    expect(off(scores(true))).toBeLessThan(1e-4);
    expect(off(scores(false))).toBeGreaterThan(1e-2);
  });

  it('guesses what the pictures of an application of Keras were', async () => {
    const model = small();
    const notesOf = async (name: string): Promise<string> => {
      const config = asKeras3(model) as { config: { name: string; layers: Json[] } };
      const layersLeft = config.config.layers.slice(3) as { inbound_nodes: unknown }[];
      if (layersLeft[0]) layersLeft[0].inbound_nodes = [{ args: [keras3Tensor('given')], kwargs: {} }];
      config.config.layers = [config.config.layers[0] ?? {}, ...(layersLeft as unknown as Json[])];
      config.config.name = name;
      const { notes } = await importModel(await kerasArchive(model, config, true), { labels, source: 'model' });
      return notes.filter((note) => /^(range|channels)/.test(note)).join('; ');
    };
    expect(await notesOf('vgg16')).toMatch(/^channels: bgr .*vgg16 takes\); range: caffe .*vgg16/);
    expect(await notesOf('densenet121')).toMatch(/^channels: rgb .*; range: imagenet .*densenet121/);
    expect(await notesOf('resnet50v2')).toMatch(/^channels: rgb .*; range: -1\.\.1 .*made by keras/);
  });

  it('names an operation that it does not know', async () => {
    const model = small();
    const config = asKeras3(model) as { config: { layers: { class_name: string }[] } };
    for (const layer of config.config.layers) if (layer.class_name === 'TrueDivide') layer.class_name = 'GetItem';
    await expect(importModel(await kerasArchive(model, config, true), { labels, source: 'm' })).rejects.toMatchObject({
      code: 'MODEL_OPERATOR_UNSUPPORTED',
      detail: 'layer "divide" (GetItem)',
    });
  });

  it.each<[string, () => Promise<Uint8Array> | Uint8Array, string, RegExp]>([
    ['half an HDF5 file', async () => (await kerasH5(small())).subarray(0, 2000), 'MODEL_INVALID', /damaged/],
    ['another ZIP file', () => zipSync({ 'data.pkl': new Uint8Array(9) }), 'FORMAT_NOT_YET_IMPORTED', /PyTorch/],
    [
      'half a ZIP file',
      async () => (await kerasArchive(small(), {}, true)).subarray(0, 2000),
      'MODEL_INVALID',
      /damaged/,
    ],
    [
      'an archive without its topology',
      async () => kerasArchive(small(), { class_name: 'Functional', config: {} }, true),
      'MODEL_INVALID',
      /the topology/,
    ],
  ])('is refused: %s', async (_, make, code, detail) => {
    const options = { labels, source: 'model' };
    await expect(importModel(await make(), options)).rejects.toMatchObject({
      code,
      detail: expect.stringMatching(detail),
    });
  });
});
