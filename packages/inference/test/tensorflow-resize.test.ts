import '@tensorflow/tfjs-backend-cpu';
import { image, tensor3d } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { ExactResizer } from '../src/decode/resize/exact-resizer.ts';

const side = 224;

it.each([
  [1024, 683],
  [301, 790],
  [37, 53],
  [1, 20],
])(
  'a picture of %i x %i is resized as TensorFlow.js does with align_corners, within 1e-5 before any rounding',
  async (width, height) => {
    const pixels = Uint8Array.from({ length: width * height * 3 }, (_, at) => (at * 2_654_435_761) >>> 24);
    const theirs = await image
      .resizeBilinear(tensor3d(pixels, [height, width, 3], 'float32'), [side, side], true)
      .data();
    const ours = new Float32Array(side * side * 3);
    const resizer = new ExactResizer({
      width: side,
      height: side,
      resize: 'stretch',
      kernel: 'bilinear-align-corners',
    });
    resizer.resize({ data: pixels, width, height }, ours);
    const largest = ours.reduce((most, value, at) => Math.max(most, Math.abs(value - (theirs[at] ?? Number.NaN))), 0);
    expect(largest / 255).toBeLessThan(1e-5);
  },
);
