import { openSession, tensor } from '../../src/session.ts';
import { size } from './small-models.ts';

export interface OwnInput {
  layout?: 'nchw' | 'nhwc';
  bgr?: boolean;
  scale?: number;
  mean?: readonly number[];
  std?: readonly number[];
  /** How many pictures a run takes. */
  batch?: number;
  type?: 'float32' | 'uint8';
}

/** What a model itself gives for pictures, its input computed here, pixel by pixel; a row a picture. */
export async function ownScores(file: Uint8Array, pictures: Uint8Array, options: OwnInput = {}): Promise<number[][]> {
  const {
    layout = 'nchw',
    bgr = false,
    scale = 1,
    mean = [0, 0, 0],
    std = [1, 1, 1],
    batch = 1,
    type = 'float32',
  } = options;
  const count = pictures.length / (size * size * 3);
  await using session = await openSession(file);
  const rows: number[][] = [];
  for (let first = 0; first < count; first += batch) {
    const values = new Float32Array(batch * size * size * 3);
    for (let n = 0; n < batch; n += 1)
      for (let p = 0; p < size * size; p += 1)
        for (let c = 0; c < 3; c += 1) {
          const pixel = pictures[((first + n) * size * size + p) * 3 + (bgr ? 2 - c : c)] ?? 0;
          const at = layout === 'nchw' ? (n * 3 + c) * size * size + p : (n * size * size + p) * 3 + c;
          values[at] = (pixel * scale - (mean[c] ?? 0)) / (std[c] ?? 1);
        }
    const dims = layout === 'nchw' ? [batch, 3, size, size] : [batch, size, size, 3];
    const feed = await tensor(type, type === 'uint8' ? Uint8Array.from(values) : values, dims);
    const scores = (await session.run({ [session.inputs[0] ?? '']: feed }))[session.outputs[0] ?? '']
      ?.data as Float32Array;
    for (let n = 0; n < batch; n += 1)
      rows.push([...scores.slice((n * scores.length) / batch, ((n + 1) * scores.length) / batch)]);
  }
  return rows;
}
