import { openSession, tensor } from '../../src/session.ts';
import { size } from './small-models.ts';

export interface OwnInput {
  layout?: 'nchw' | 'nhwc';
  bgr?: boolean;
  /** The model has one channel. */
  grey?: boolean;
  scale?: number;
  mean?: readonly number[];
  std?: readonly number[];
  /** How many pictures a run takes. */
  batch?: number;
  type?: 'float32' | 'uint8' | 'int8' | 'int64';
}

const arrays = {
  float32: (values: Float32Array) => values,
  uint8: (values: Float32Array) => Uint8Array.from(values),
  int8: (values: Float32Array) => Int8Array.from(values),
  int64: (values: Float32Array) => BigInt64Array.from(values, (value) => BigInt(value)),
};

/** What a model itself gives for pictures, its input computed here, pixel by pixel; a row a picture. */
export async function ownScores(file: Uint8Array, pictures: Uint8Array, options: OwnInput = {}): Promise<number[][]> {
  const {
    layout = 'nchw',
    bgr = false,
    grey = false,
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
    const channels = grey ? 1 : 3;
    const values = new Float32Array(batch * size * size * channels);
    for (let n = 0; n < batch; n += 1)
      for (let p = 0; p < size * size; p += 1)
        for (let c = 0; c < channels; c += 1) {
          const place = ((first + n) * size * size + p) * 3;
          const [red = 0, green = 0, blue = 0] = pictures.subarray(place, place + 3);
          const own = (bgr ? [blue, green, red] : [red, green, blue])[c] ?? 0;
          const luma = 0.299 * red + 0.587 * green + 0.114 * blue;
          const pixel = !grey ? own : type !== 'float32' ? Math.floor(luma + 0.5) : luma;
          const at = layout === 'nchw' ? (n * channels + c) * size * size + p : (n * size * size + p) * channels + c;
          values[at] = (pixel * scale - (mean[c] ?? 0)) / (std[c] ?? 1);
        }
    const dims = layout === 'nchw' ? [batch, channels, size, size] : [batch, size, size, channels];
    const feed = await tensor(type, arrays[type](values), dims);
    const scores = (await session.run({ [session.inputs[0] ?? '']: feed }))[session.outputs[0] ?? '']
      ?.data as Float32Array;
    for (let n = 0; n < batch; n += 1)
      rows.push([...scores.slice((n * scores.length) / batch, ((n + 1) * scores.length) / batch)]);
  }
  return rows;
}
