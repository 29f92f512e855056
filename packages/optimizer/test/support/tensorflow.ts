import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import type { LayersModel } from '../../src/index.ts';

const require = createRequire(import.meta.url);

/** TensorFlow.js' own evaluation of a model: an independent one. */
export interface TensorFlowModel {
  /** `[height, width, 3]` in 0 to 255, resized as TensorFlow does with align_corners. */
  resize(pixels: Uint8Array, height: number, width: number, size: number): Float32Array;
  /** Of `[1, size, size, 3]` values as the model wants them. */
  predict(values: Float32Array, size: number): Float32Array;
}

export async function openTensorFlow({
  modelTopology,
  weightsManifest,
  weightData,
}: LayersModel): Promise<TensorFlowModel> {
  setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'))}/dist/`);
  await tf.setBackend('wasm');
  const weightSpecs = (weightsManifest as { weights: tf.io.WeightsManifestEntry[] }[]).flatMap(
    ({ weights }) => weights,
  );
  const model = await loadLayersModel(
    tf.io.fromMemory({
      modelTopology: modelTopology as object,
      weightSpecs,
      weightData: weightData.slice().buffer,
    }),
  );
  return {
    resize: (pixels, height, width, size) =>
      tf.tidy(
        () =>
          tf.image
            .resizeBilinear(tf.tensor3d(pixels, [height, width, 3], 'float32'), [size, size], true)
            .dataSync() as Float32Array,
      ),
    predict: (values, size) =>
      tf.tidy(() => (model.predict(tf.tensor4d(values, [1, size, size, 3])) as tf.Tensor).dataSync() as Float32Array),
  };
}
