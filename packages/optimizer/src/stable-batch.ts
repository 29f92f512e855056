import { availableParallelism } from 'node:os';
import type { Tensor } from 'onnxruntime-node';
import { randomPictures } from './random-pictures.ts';
import { openSession, type Session, type SessionOptions, tensor } from './session.ts';

export interface StableBatchOptions {
  readonly input: { readonly name: string; readonly type: 'uint8' | 'float32' };
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** At least 64 to be trusted. */
  readonly pictures?: number;
  readonly session?: SessionOptions;
}

export interface StableBatch {
  /** The smallest batch from which on scores of six decimals no longer depend on the batch or the place in it. */
  readonly rounded: number;
  /** The same for every bit of the output. */
  readonly bits: number;
  readonly pictures: number;
}

const sizes = [1, 2, 3, 4, 8, 16] as const;
const largest = 16;

/** What runs at each size, in which order: a picture meets different neighbours in different places. */
const rounds: readonly { readonly size: number; readonly reversed: boolean }[] = sizes.map((size, n) => ({
  size,
  reversed: n % 2 === 1,
}));

/**
 * Runs the same pictures in batches of 1, 2, 3, 4, 8 and 16 and compares each picture's output with that of the largest batch: integer
 * kernels, among others, compute small batches in another order than large ones.
 */
export async function findStableBatch(graph: Uint8Array, options: StableBatchOptions): Promise<StableBatch> {
  const count = Math.ceil((options.pictures ?? 64) / largest) * largest;
  const pixels = randomPictures(count, options.height, options.width, 7);
  const values = options.input.type === 'uint8' ? pixels : withFractions(pixels);
  await using session = await openSession(graph, options.session ?? { threads: Math.min(4, availableParallelism()) });
  const outputs: { size: number; rows: Float32Array[] }[] = [];
  for (const { size, reversed } of rounds)
    outputs.push({ size, rows: await runInBatches(session, values, count, size, reversed, options) });
  const reference = outputs.at(-1)?.rows ?? [];
  const stableFrom = (equal: (a: number, b: number) => boolean): number => {
    let from = largest;
    for (const { size, rows } of outputs.toReversed()) {
      if (!rows.every((row, n) => row.every((score, c) => equal(score, reference[n]?.[c] ?? Number.NaN)))) break;
      from = size;
    }
    return from;
  };
  return {
    bits: stableFrom((a, b) => Object.is(a, b)),
    rounded: stableFrom((a, b) => Math.round(a * 1e6) === Math.round(b * 1e6)),
    pictures: count,
  };
}

/** None of the numbers may be whole by chance. */
function withFractions(pixels: Uint8Array): Float32Array {
  const values = new Float32Array(pixels.length);
  for (let at = 0; at < values.length; at += 1) values[at] = (pixels[at] ?? 0) * 0.99 + (at % 7) / 8;
  return values;
}

/** Each picture's output, in the order of the pictures; the last batch is filled up from the start. */
async function runInBatches(
  session: Session,
  values: Uint8Array | Float32Array,
  count: number,
  size: number,
  reversed: boolean,
  { input, height, width }: StableBatchOptions,
): Promise<Float32Array[]> {
  const picture = height * width * 3;
  const rows = Array.from({ length: count }, () => new Float32Array());
  const order = Array.from({ length: count }, (_, n) => (reversed ? count - 1 - n : n));
  const batch = input.type === 'uint8' ? new Uint8Array(size * picture) : new Float32Array(size * picture);
  for (let first = 0; first < count; first += size) {
    const members = Array.from({ length: size }, (_, n) => order[(first + n) % count] ?? 0);
    for (const [place, n] of members.entries())
      batch.set(values.subarray(n * picture, (n + 1) * picture), place * picture);
    const feeds: Record<string, Tensor> = { [input.name]: await tensor(input.type, batch, [size, height, width, 3]) };
    const scores = (await session.run(feeds))[session.outputs[0] ?? '']?.data;
    if (!(scores instanceof Float32Array)) continue;
    const classes = scores.length / size;
    for (const [place, n] of members.entries()) rows[n] = scores.slice(place * classes, (place + 1) * classes);
  }
  return rows;
}
