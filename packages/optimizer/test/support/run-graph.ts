import type { ResizeKernel } from '@rookery/contracts';
import { openSession, tensor } from '../../src/session.ts';

/** Scores of pictures, float32 or uint8 `[count, height, width, 3]`. */
export async function scoresOf(
  graph: Uint8Array,
  pictures: Uint8Array | Float32Array,
  dims: readonly number[],
): Promise<Float32Array> {
  await using session = await openSession(graph);
  const feed = await tensor(pictures instanceof Uint8Array ? 'uint8' : 'float32', pictures, dims);
  const results = await session.run({ [session.inputs[0] ?? '']: feed });
  return results[session.outputs[0] ?? '']?.data as Float32Array;
}

/** Where each output place reads: the definition of the two kernels, in single precision as OpenCV and TensorFlow compute it. */
export function taps(
  kernel: ResizeKernel,
  from: number,
  to: number,
): { low: BigInt64Array; high: BigInt64Array; weight: Float32Array } {
  const corners = Math.fround(to > 1 ? (from - 1) / (to - 1) : 0);
  const places = Array.from({ length: to }, (_, at) => {
    const place = kernel === 'bilinear-half-pixel' ? ((at + 0.5) * from) / to - 0.5 : at * corners;
    return Math.min(Math.max(Math.fround(place), 0), from - 1);
  });
  return {
    low: BigInt64Array.from(places, (place) => BigInt(Math.floor(place))),
    high: BigInt64Array.from(places, (place) => BigInt(Math.min(Math.floor(place) + 1, from - 1))),
    weight: Float32Array.from(places, (place) => place - Math.floor(place)),
  };
}

/** Runs a resize graph on one picture `[height, width, 3]`. */
export async function resized(
  graph: Uint8Array,
  kernel: ResizeKernel,
  picture: { pixels: Uint8Array; height: number; width: number },
  to: { height: number; width: number },
): Promise<Uint8Array | Float32Array> {
  const [rows, columns] = [taps(kernel, picture.height, to.height), taps(kernel, picture.width, to.width)];
  await using session = await openSession(graph);
  const { resized: result } = await session.run({
    picture: await tensor('uint8', picture.pixels, [picture.height, picture.width, 3]),
    top: await tensor('int64', rows.low, [to.height]),
    bottom: await tensor('int64', rows.high, [to.height]),
    left: await tensor('int64', columns.low, [to.width]),
    right: await tensor('int64', columns.high, [to.width]),
    down: await tensor('float32', rows.weight, [to.height]),
    across: await tensor('float32', columns.weight, [to.width]),
  });
  if (result?.dims.join() !== [to.height, to.width, 3].join()) throw new Error(`resized to ${result?.dims}`);
  return result.data as Uint8Array | Float32Array;
}
