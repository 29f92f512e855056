import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, type ServingModel } from '@rookery/contracts';
import { classes, convolutions, dense, side, smallNet, widths } from './small-net.ts';
import { adapt, float32Bytes } from './tensorflow.ts';

/** As a layers model of TensorFlow.js, normalised by the engine. */
export async function layersSmallNet(folder: string): Promise<ServingModel> {
  const layers = [
    ...convolutions.map(({ name, to }, place) => ({
      class_name: 'Conv2D',
      config: {
        name,
        filters: to,
        kernel_size: [3, 3],
        strides: [1, 1],
        padding: 'valid',
        activation: 'relu',
        use_bias: true,
        ...(place === 0 && { batch_input_shape: [null, side, side, 3], dtype: 'float32' }),
      },
    })),
    { class_name: 'GlobalAveragePooling2D', config: { name: 'pool' } },
    { class_name: 'Dense', config: { name: 'dense', units: classes, activation: 'softmax', use_bias: true } },
  ];
  const weights = [
    ...convolutions.flatMap(({ name, from, to }) => [
      { name: `${name}/kernel`, shape: [3, 3, from, to], dtype: 'float32' },
      { name: `${name}/bias`, shape: [to], dtype: 'float32' },
    ]),
    { name: 'dense/kernel', shape: [widths[2], classes], dtype: 'float32' },
    { name: 'dense/bias', shape: [classes], dtype: 'float32' },
  ];
  const values = [...convolutions, dense].flatMap(({ kernel, bias }) => [...kernel, ...bias]);
  await writeFile(join(folder, 'weights.bin'), float32Bytes(values));
  const model = JSON.stringify({
    format: 'layers-model',
    modelTopology: { class_name: 'Sequential', config: { name: 'small', layers }, keras_version: '2.2.4' },
    weightsManifest: [{ paths: ['weights.bin'], weights }],
  });
  await writeFile(join(folder, 'model.json'), model);
  return smallNet('tfjs', { path: folder, digest: digestOf(model) }, { adapt });
}
