import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import * as layers from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Imported, type ImportOptions, importLayersModel, type LayersModel } from '../src/index.ts';
import { randomPictures } from '../src/random-pictures.ts';
import { scoresOf } from './support/run-graph.ts';
import { graphFile, operators } from './support/served.ts';
import { labels } from './support/small-models.ts';

const [height, width] = [20, 22];
const pictures = randomPictures(3, height, width, 2);
type Tensor = ReturnType<typeof layers.input>;

/** What `model.save` writes: topology, manifest, weights. */
async function saved(model: layers.LayersModel): Promise<LayersModel> {
  let artifacts: tf.io.ModelArtifacts = {};
  await model.save(
    tf.io.withSaveHandler(async (given) => {
      artifacts = given;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  const weightData =
    artifacts.weightData instanceof ArrayBuffer ? [artifacts.weightData] : (artifacts.weightData ?? []);
  return {
    modelTopology: JSON.parse(JSON.stringify(artifacts.modelTopology)),
    weightsManifest: [{ weights: artifacts.weightSpecs }],
    weightData: new Uint8Array(Buffer.concat(weightData.map((part) => new Uint8Array(part)))),
  };
}

/** Weights and statistics that are not those of a new layer. */
function randomize(model: layers.LayersModel): void {
  model.setWeights(
    model.weights.map((weight, n) => {
      const shape = weight.shape.map((size) => size ?? 1);
      return weight.name.includes('variance')
        ? tf.randomUniform(shape, 0, 1, 'float32', n)
        : tf.randomUniform(shape, -0.4, 0.4, 'float32', n);
    }),
  );
}

const imported = (model: LayersModel, options: Partial<ImportOptions> = {}): Promise<Imported> =>
  importLayersModel(model, {
    labels,
    source: 'small',
    range: '0..1',
    channels: 'rgb',
    kernel: 'bilinear-half-pixel',
    resize: 'stretch',
    ...options,
  });

async function expectAgreement(model: layers.LayersModel, result: Imported): Promise<void> {
  const ours = await scoresOf(graphFile(result), pictures, [3, height, width, 3]);
  const input = tf.tensor4d(
    Float32Array.from(pictures, (value) => value / 255),
    [3, height, width, 3],
  );
  const theirs = (model.predict(input) as tf.Tensor).dataSync();
  for (const [at, score] of theirs.entries()) expect(Math.abs((ours[at] ?? 0) - score)).toBeLessThan(1e-5);
  expect(result.notes.filter((note) => note.startsWith('left out'))).toEqual([]);
}

const input = (): Tensor => layers.input({ shape: [height, width, 3] });
const head = (value: Tensor): Tensor => layers.layers.dense({ units: 5, activation: 'softmax' }).apply(value) as Tensor;
const { layers: make } = layers;

/** Each a model of its own, so that a mistake shows where it is. */
const cases: Readonly<Record<string, (value: Tensor) => Tensor>> = {
  'strided convolutions with same padding, which TensorFlow pads at the end': (value) =>
    make
      .flatten()
      .apply(
        make.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' }).apply(value),
      ) as Tensor,
  'dilated convolutions of odd shapes': (value) =>
    make
      .flatten()
      .apply(
        make
          .conv2d({ filters: 2, kernelSize: [2, 5], dilationRate: [2, 1], padding: 'same', activation: 'tanh' })
          .apply(value),
      ) as Tensor,
  'depthwise convolutions with a multiplier': (value) =>
    make
      .globalAveragePooling2d({})
      .apply(
        make.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 3, strides: 2, padding: 'same' }).apply(value),
      ) as Tensor,
  'separable convolutions': (value) =>
    make
      .globalAveragePooling2d({})
      .apply(
        make.separableConv2d({ filters: 6, kernelSize: 3, depthMultiplier: 2, activation: 'sigmoid' }).apply(value),
      ) as Tensor,
  'batch norms without scale or center, before anything else too': (value) => {
    const first = make.batchNormalization({ scale: false }).apply(value) as Tensor;
    const conv = make.conv2d({ filters: 4, kernelSize: 3, padding: 'same' }).apply(first) as Tensor;
    return make.globalMaxPooling2d({}).apply(make.batchNormalization({ center: false }).apply(conv)) as Tensor;
  },
  'pooling with same padding, which counts for nothing': (value) => {
    const mean = make.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' }).apply(value) as Tensor;
    return make.flatten().apply(make.maxPooling2d({ poolSize: [3, 2], padding: 'same' }).apply(mean)) as Tensor;
  },
  'branches that are added, multiplied and concatenated': (value) => {
    const one = make.conv2d({ filters: 3, kernelSize: 1 }).apply(value) as Tensor;
    const two = make.conv2d({ filters: 3, kernelSize: 1 }).apply(value) as Tensor;
    const sum = make.add().apply([value, one]) as Tensor;
    const product = make.multiply().apply([sum, two]) as Tensor;
    return make.globalAveragePooling2d({}).apply(make.concatenate().apply([product, value])) as Tensor;
  },
  'concatenation of rows': (value) =>
    make
      .flatten()
      .apply(
        make.averagePooling2d({ poolSize: [5, 11] }).apply(make.concatenate({ axis: 1 }).apply([value, value])),
      ) as Tensor,
  'padding, rectifiers of all kinds, dropout': (value) => {
    const padded = make
      .zeroPadding2d({
        padding: [
          [0, 1],
          [2, 0],
        ],
      })
      .apply(value) as Tensor;
    const conv = make.conv2d({ filters: 4, kernelSize: 3, strides: 2 }).apply(padded) as Tensor;
    const clipped = make.reLU({ maxValue: 6 }).apply(conv) as Tensor;
    const leaky = make
      .leakyReLU({ alpha: 0.1 })
      .apply(make.conv2d({ filters: 4, kernelSize: 1 }).apply(clipped)) as Tensor;
    const last = make.activation({ activation: 'elu' }).apply(make.dropout({ rate: 0.5 }).apply(leaky)) as Tensor;
    return make.globalAveragePooling2d({}).apply(last) as Tensor;
  },
  'rectifiers with slopes of their own': (value) => {
    const shared = make.prelu({ sharedAxes: [1, 2], alphaInitializer: 'glorotUniform' }).apply(value) as Tensor;
    const each = make.prelu({ alphaInitializer: 'glorotUniform' }).apply(shared) as Tensor;
    const pooled = make.globalAveragePooling2d({}).apply(make.elu().apply(each)) as Tensor;
    return make.prelu({ alphaInitializer: 'glorotUniform' }).apply(pooled) as Tensor;
  },
  'means and extremes of branches, cut and made larger': (value) => {
    const conv = () => make.conv2d({ filters: 3, kernelSize: 1 }).apply(value) as Tensor;
    const [one, two, three] = [conv(), conv(), conv()];
    const mean = make.average().apply([one, two, three]) as Tensor;
    const ends = [make.maximum().apply([one, two]) as Tensor, make.minimum().apply([two, three]) as Tensor];
    const all = make.concatenate().apply([mean, ...ends]) as Tensor;
    const cut = make.cropping2D({
      cropping: [
        [1, 2],
        [3, 0],
      ],
    });
    const larger = make.upSampling2d({ size: [2, 3] }).apply(cut.apply(all)) as Tensor;
    return make.flatten().apply(make.maxPooling2d({ poolSize: 3 }).apply(larger)) as Tensor;
  },
  'reshaping to pixels and back': (value) => {
    const pooled = make
      .globalAveragePooling2d({})
      .apply(make.conv2d({ filters: 12, kernelSize: 3 }).apply(value)) as Tensor;
    const pixels = make
      .conv2d({ filters: 3, kernelSize: 1 })
      .apply(make.reshape({ targetShape: [2, 3, 2] }).apply(pooled)) as Tensor;
    return make
      .activation({ activation: 'hardSigmoid' })
      .apply(make.reshape({ targetShape: [18] }).apply(pixels)) as Tensor;
  },
};

describe('an imported layers model', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it.each(Object.entries(cases))('agrees with TensorFlow.js: %s', async (_, write) => {
    const value = input();
    const model = layers.model({ inputs: value, outputs: head(write(value)) });
    randomize(model);
    await expectAgreement(model, await imported(await saved(model)));
  });

  it('agrees with TensorFlow.js: sequential models inside sequential models, as transfer learning makes them', async () => {
    const base = layers.sequential({
      layers: [
        make.conv2d({ inputShape: [height, width, 3], filters: 4, kernelSize: 3, strides: 2, useBias: false }),
        make.batchNormalization(),
        make.globalAveragePooling2d({}),
      ],
    });
    const top = layers.sequential({
      layers: [
        make.dense({ inputShape: [4], units: 7, activation: 'relu' }),
        make.dense({ units: 5, activation: 'softmax' }),
      ],
    });
    const model = layers.sequential({ layers: [base, top] });
    randomize(model);
    await expectAgreement(model, await imported(await saved(model)));
  });

  it('leaves no batch norm and no padding', async () => {
    const value = input();
    const padded = make
      .zeroPadding2d({
        padding: [
          [0, 1],
          [0, 1],
        ],
      })
      .apply(value) as Tensor;
    const conv = make
      .batchNormalization()
      .apply(make.conv2d({ filters: 4, kernelSize: 3, strides: 2 }).apply(padded)) as Tensor;
    const model = layers.model({ inputs: value, outputs: head(make.globalAveragePooling2d({}).apply(conv) as Tensor) });
    randomize(model);
    const result = await imported(await saved(model));
    expect(operators(result)).toEqual(['Transpose', 'Cast', 'Conv', 'GlobalAveragePool', 'Flatten', 'Gemm', 'Softmax']);
  });

  it.each(['uint8', 'uint16', 'float16'] as const)('reads weights that are stored as %s', async (dtype) => {
    const value = input();
    const model = layers.model({
      inputs: value,
      outputs: head(
        make.globalAveragePooling2d({}).apply(make.conv2d({ filters: 4, kernelSize: 3 }).apply(value)) as Tensor,
      ),
    });
    randomize(model);
    const quantised = await requantised(await saved(model), dtype);
    const loaded = await layers.loadLayersModel(
      tf.io.fromMemory({
        modelTopology: quantised.modelTopology as object,
        weightSpecs: (quantised.weightsManifest as [{ weights: tf.io.WeightsManifestEntry[] }])[0].weights,
        weightData: quantised.weightData.slice().buffer,
      }),
    );
    await expectAgreement(loaded, await imported(quantised));
  });

  it('names a layer that it does not know, with its place', async () => {
    const value = input();
    const turned = make.permute({ dims: [2, 1, 3], name: 'turn' }).apply(value) as Tensor;
    const model = layers.model({ inputs: value, outputs: head(make.flatten().apply(turned) as Tensor) });
    await expect(imported(await saved(model))).rejects.toMatchObject({
      code: 'MODEL_OPERATOR_UNSUPPORTED',
      detail: 'layer "turn" (Permute)',
    });
  });

  it('refuses topologies and weights that do not fit together', async () => {
    const value = input();
    const model = await saved(layers.model({ inputs: value, outputs: head(make.flatten().apply(value) as Tensor) }));
    const refused = { code: 'MODEL_INVALID' };
    await expect(imported({ ...model, weightData: model.weightData.slice(4) })).rejects.toMatchObject(refused);
    await expect(imported({ ...model, weightsManifest: [] })).rejects.toMatchObject(refused);
    await expect(imported({ ...model, modelTopology: { class_name: 'Model', config: 5 } })).rejects.toMatchObject(
      refused,
    );
    await expect(imported({ ...model, modelTopology: null })).rejects.toMatchObject(refused);
    await expect(imported(model, { labels: ['one'] })).rejects.toMatchObject({ code: 'LABELS_INVALID' });
  });

  it('refuses layers that wait for themselves', async () => {
    const layer = (name: string, from: string): object => ({
      name,
      class_name: 'Dropout',
      config: { name },
      inbound_nodes: [[[from, 0, 0, {}]]],
    });
    const first = {
      name: 'in',
      class_name: 'InputLayer',
      config: { batch_input_shape: [null, 8, 8, 3] },
      inbound_nodes: [],
    };
    const config = {
      layers: [first, layer('a', 'b'), layer('b', 'a')],
      input_layers: [['in', 0, 0]],
      output_layers: [['a', 0, 0]],
    };
    const model = {
      modelTopology: { class_name: 'Functional', config },
      weightsManifest: [],
      weightData: new Uint8Array(),
    };
    await expect(imported(model)).rejects.toMatchObject({ code: 'MODEL_INVALID', detail: 'layer a waits for itself' });
  });
});

/** The same model with coded weights. */
async function requantised(model: LayersModel, dtype: 'uint8' | 'uint16' | 'float16'): Promise<LayersModel> {
  const [{ weights }] = model.weightsManifest as [{ weights: { name: string; shape: number[]; dtype: string }[] }];
  const parts: Uint8Array[] = [];
  let at = 0;
  const specs = weights.map((spec) => {
    const count = spec.shape.reduce((product, size) => product * size, 1);
    const values = new Float32Array(model.weightData.slice(at, at + count * 4).buffer);
    at += count * 4;
    if (dtype === 'float16') {
      // Halves of 1, 2^-1 and so on, by the bits: every 16-bit pattern of exponent 14 is a number in 0.5 to 1.
      parts.push(
        new Uint8Array(
          Uint16Array.from(values, (value) => (value < 0 ? 0xb800 : 0x3800) | (Math.abs(value * 1000) & 0x3ff)).buffer,
        ),
      );
      return { ...spec, quantization: { dtype } };
    }
    const levels = dtype === 'uint8' ? 255 : 65535;
    const [min, max] = [Math.min(...values), Math.max(...values)];
    const scale = (max - min || 1) / levels;
    const codes = Array.from(values, (value) => Math.round((value - min) / scale));
    parts.push(dtype === 'uint8' ? Uint8Array.from(codes) : new Uint8Array(Uint16Array.from(codes).buffer));
    return { ...spec, quantization: { dtype, min, scale } };
  });
  return { ...model, weightsManifest: [{ weights: specs }], weightData: new Uint8Array(Buffer.concat(parts)) };
}
