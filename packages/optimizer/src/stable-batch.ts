import { availableParallelism } from 'node:os';
import type { Tensor } from 'onnxruntime-node';
import { randomPictures } from './random-pictures.ts';
import { openSession, type Session, type SessionOptions, tensor } from './session.ts';

export interface StableBatchOptions {
  readonly input: { readonly name: string; readonly type: 'uint8' | 'float32' };
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** 24 where nothing is said; 8 for a large graph. */
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

/** From so many bytes on a graph takes so long that fewer pictures have to do: those of one batch show which way its kernels go. */
const largeBytes = 64 << 20;
const [ofSmall, ofLarge] = [24, 8];
/** Runs are compared with those of this batch. */
const reference = 8;
/** From the largest down, with how many of the pictures: past the reference a look is enough. */
const others = [
  { size: 16, share: 2 / 3 },
  { size: 4, share: 1 },
  { size: 3, share: 1 },
  { size: 2, share: 1 },
  { size: 1, share: 1 },
] as const;

/**
 * Runs the same pictures in batches of 16, 8, 4, 3, 2 and 1, in turn forwards and backwards, so that a picture meets other neighbours in
 * other places, and compares each picture's output with that in batches of 8: integer kernels, among others, compute small batches in
 * another order than large ones. Which way a kernel goes depends on the shape, not on the picture, and shows in almost every one: with
 * birds in int8 the bits of batch 1 differ from those of batch 8 for each of 32 pictures. So 24 are plenty; 384 runs were no surer than 136.
 */
export async function findStableBatch(graph: Uint8Array, options: StableBatchOptions): Promise<StableBatch> {
  const few = graph.byteLength >= largeBytes ? ofLarge : ofSmall;
  const count = Math.ceil((options.pictures ?? few) / reference) * reference;
  const pixels = randomPictures(count, options.height, options.width, 7);
  const values = options.input.type === 'uint8' ? pixels : withFractions(pixels);
  await using session = await openSession(graph, {
    threads: Math.min(4, availableParallelism()),
    ...options.session,
    // Threads that wait by spinning would cost as much again.
    config: { 'session.intra_op.allow_spinning': '0', ...options.session?.config },
  });
  const expected = await runInBatches(session, { values, count, size: reference, reversed: false }, options);
  const stable = { bits: reference as number, rounded: reference as number };
  const unsettled = new Set<keyof typeof stable>(['bits', 'rounded']);
  for (const [n, { size, share }] of others.entries()) {
    const run = { values, count: Math.round(count * share), size, reversed: n % 2 === 0 };
    const rows = await runInBatches(session, run, options);
    for (const what of unsettled) {
      const same = rows.every((row, at) =>
        row.every((score, c) => equal[what](score, expected[at]?.[c] ?? Number.NaN)),
      );
      if (same) stable[what] = Math.min(stable[what], size);
      else unsettled.delete(what);
      // Nothing smaller than a batch of 16 agrees with it.
      if (!same && size > reference) stable[what] = size;
    }
    if (unsettled.size === 0) break;
  }
  return { ...stable, pictures: count };
}

const equal = {
  bits: (a: number, b: number) => Object.is(a, b),
  rounded: (a: number, b: number) => Math.round(a * 1e6) === Math.round(b * 1e6),
};

/** None of the numbers may be whole by chance. */
function withFractions(pixels: Uint8Array): Float32Array {
  const values = new Float32Array(pixels.length);
  for (let at = 0; at < values.length; at += 1) values[at] = (pixels[at] ?? 0) * 0.99 + (at % 7) / 8;
  return values;
}

interface BatchRun {
  readonly values: Uint8Array | Float32Array;
  /** Of the pictures, from the first on. */
  readonly count: number;
  /** Of a batch. */
  readonly size: number;
  readonly reversed: boolean;
}

/** Each picture's output, in the order of the pictures; the last batch is filled up from the start. */
async function runInBatches(
  session: Session,
  { values, count, size, reversed }: BatchRun,
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
