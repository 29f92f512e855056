import { loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';

/** Scores that TensorFlow.js gives for pictures, `[count, height, width, 3]`, from the files of a graph model. */
export async function scoresOfGraphModel(
  files: ReadonlyMap<string, Uint8Array>,
  pixels: Uint8Array | Float32Array,
  shape: readonly [number, number, number, number],
): Promise<Float32Array> {
  const { weightsManifest, ...artifacts } = JSON.parse(Buffer.from(files.get('model.json') ?? []).toString('utf8'));
  const [{ paths, weights }] = weightsManifest as [{ paths: string[]; weights: tf.io.WeightsManifestEntry[] }];
  const weightData = new Uint8Array(Buffer.concat(paths.map((path) => files.get(path) ?? new Uint8Array()))).buffer;
  const model = await loadGraphModel(tf.io.fromMemory({ ...artifacts, weightSpecs: weights, weightData }));
  try {
    return tf.tidy(() => {
      const type = pixels instanceof Uint8Array ? 'int32' : 'float32';
      const pictures = tf.tensor4d(pixels, [...shape], type);
      return (model.predict(pictures) as tf.Tensor).dataSync() as Float32Array;
    });
  } finally {
    model.dispose();
  }
}
