import { posix } from 'node:path';
import type * as tf from '@tensorflow/tfjs-core';
import type * as layers from '@tensorflow/tfjs-layers';
import { zipSync } from 'fflate';
import { File as Hdf5File, ready } from 'h5wasm';

/** As `model.save('model.h5')` of Keras 2 writes it, with names in parts where `most` of them fill an attribute. */
export async function kerasH5(model: layers.LayersModel, most = Number.POSITIVE_INFINITY): Promise<Uint8Array> {
  return await written((file) => {
    file.create_attribute('model_config', JSON.stringify(configOf(model)));
    file.create_attribute('keras_version', '2.13.1');
    const root = file.create_group('model_weights');
    writeNames(
      root,
      'layer_names',
      model.layers.map(({ name }) => name),
      most,
    );
    for (const layer of model.layers) {
      const group = root.create_group(layer.name);
      const weights = layer.weights.map((weight) => ({
        name: `${posix.basename(weight.originalName)}:0`,
        value: weight.read(),
      }));
      writeNames(
        group,
        'weight_names',
        weights.map(({ name }) => `${layer.name}/${name}`),
        most,
      );
      const own = group.create_group(layer.name);
      for (const { name, value } of weights) dataset(own, name, value);
    }
  });
}

/** As `model.save('model.keras')` of Keras 3 writes it. Without `named` as its first versions did: places by class alone. */
export async function kerasArchive(model: layers.LayersModel, config: object, named: boolean): Promise<Uint8Array> {
  const count = new Map<string, number>();
  const weights = await written((file) => {
    const all = file.create_group('layers');
    for (const layer of model.layers) {
      const kind = places[layer.getClassName()] ?? layer.getClassName().toLowerCase();
      const nth = count.get(kind) ?? 0;
      count.set(kind, nth + 1);
      const group = all.create_group(`${nth === 0 ? kind : `${kind}_${nth}`}`).create_group('vars');
      if (named) group.create_attribute('name', layer.name);
      for (const [n, weight] of layer.weights.entries()) dataset(group, String(n), weight.read());
    }
  });
  return zipSync({
    'metadata.json': Buffer.from(JSON.stringify({ keras_version: '3.8.0' })),
    'config.json': Buffer.from(JSON.stringify(config)),
    'model.weights.h5': weights,
  });
}

const places: Readonly<Record<string, string>> = {
  BatchNormalization: 'batch_normalization',
  Conv2D: 'conv2d',
  GlobalAveragePooling2D: 'global_average_pooling2d',
  InputLayer: 'input_layer',
  LayerNormalization: 'layer_normalization',
};

export const configOf = (model: layers.LayersModel): Record<string, unknown> =>
  JSON.parse(JSON.stringify(model.toJSON(undefined, false)));

type Group = Pick<Hdf5File, 'create_attribute' | 'create_dataset'>;

function writeNames(group: Group, attribute: string, names: readonly string[], most: number): void {
  if (names.length <= most) {
    group.create_attribute(attribute, [...names]);
    return;
  }
  for (let part = 0; part * most < names.length; part++)
    group.create_attribute(`${attribute}${part}`, names.slice(part * most, (part + 1) * most));
}

function dataset(group: Group, name: string, value: tf.Tensor): void {
  const { shape } = value;
  group.create_dataset({ name, data: value.dataSync() as Float32Array, shape: [...shape], dtype: '<f4' });
}

let made = 0;

async function written(write: (file: Hdf5File) => void): Promise<Uint8Array> {
  const { FS } = await ready;
  const path = `/made-${made++}.h5`;
  const file = new Hdf5File(path, 'w');
  write(file);
  file.close();
  const bytes = FS.readFile(path);
  FS.unlink(path);
  return bytes;
}
