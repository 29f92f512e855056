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
