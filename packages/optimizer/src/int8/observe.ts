import { encodeModel } from '../onnx/codec.ts';
import type { ModelMessage } from '../onnx/messages.ts';
import { openSession, tensor } from '../session.ts';

/** Pictures to calibrate with, `[count, height, width, 3]` as the serving graph takes them. */
export interface CalibrationPictures {
  readonly pixels: Uint8Array | Float32Array;
  readonly count: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

export interface Range {
  low: number;
  high: number;
}

/** The smallest and the largest number of each named value, one picture after the other: only one picture's values are held. */
export async function observeRanges(
  model: ModelMessage,
  names: readonly string[],
  { pixels, count, width, height }: CalibrationPictures,
  signal?: AbortSignal,
): Promise<Map<string, Range>> {
  const { graph } = model;
  const known = new Set(graph.output.map(({ name }) => name));
  const extra = names.filter((name) => !known.has(name)).map((name) => ({ name }));
  const watched = encodeModel({ ...model, graph: { ...graph, output: [...graph.output, ...extra] } });
  await using session = await openSession(watched);
  const ranges = new Map<string, Range>();
  const size = width * height * 3;
  for (let n = 0; n < count; n += 1) {
    signal?.throwIfAborted();
    const type = pixels instanceof Uint8Array ? 'uint8' : 'float32';
    const feed = await tensor(type, pixels.slice(n * size, (n + 1) * size), [1, height, width, 3]);
    const values = await session.run({ [session.inputs[0] ?? '']: feed });
    for (const name of names) {
      const data = values[name]?.data;
      if (data instanceof Float32Array) widen(ranges, name, data);
    }
  }
  return ranges;
}

function widen(ranges: Map<string, Range>, name: string, data: Float32Array): void {
  const range = ranges.get(name) ?? { low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY };
  for (const value of data) {
    if (value < range.low) range.low = value;
    if (value > range.high) range.high = value;
  }
  ranges.set(name, range);
}
