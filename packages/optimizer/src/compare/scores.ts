import { RookeryError } from '@rookery/contracts';
import { feedOf, type Sample } from '../sample.ts';
import { openSession, type SessionOptions } from '../session.ts';

/** Scores of every picture of a sample, one after the other. */
export interface Scores {
  readonly values: Float32Array;
  readonly classes: number;
}

const batch = 8;

/** What a serving graph answers, in batches of 8. @throws {RookeryError} MODEL_INVALID where that is not one row a picture. */
export async function scoresOf(
  graph: Uint8Array,
  sample: Sample,
  options: SessionOptions & { readonly signal?: AbortSignal | undefined } = {},
): Promise<Scores> {
  await using session = await openSession(graph, options);
  const rows: Float32Array[] = [];
  let classes = 0;
  for (let first = 0; first < sample.count; first += batch) {
    options.signal?.throwIfAborted();
    const feed = await feedOf(sample, first, batch);
    const result = (await session.run({ [session.inputs[0] ?? '']: feed }))[session.outputs[0] ?? ''];
    const [count, found = 0] = result?.dims ?? [];
    if (!(result?.data instanceof Float32Array) || count !== feed.dims[0])
      throw new RookeryError('MODEL_INVALID', { detail: `its output is ${result?.type} [${result?.dims.join(', ')}]` });
    classes = found;
    rows.push(result.data.slice());
  }
  const values = new Float32Array(sample.count * classes);
  for (const [n, row] of rows.entries()) values.set(row, n * batch * classes);
  return { values, classes };
}

/** Classes of one picture's largest scores, the first of equal ones first. */
export function best({ values, classes }: Scores, picture: number, count: number): number[] {
  const row = values.subarray(picture * classes, (picture + 1) * classes);
  return [...row.keys()].sort((a, b) => (row[b] ?? 0) - (row[a] ?? 0) || a - b).slice(0, count);
}

/** The scores of some of the pictures. */
export function rowsOf({ values, classes }: Scores, places: readonly number[]): Scores {
  const picked = new Float32Array(places.length * classes);
  for (const [n, place] of places.entries())
    picked.set(values.subarray(place * classes, (place + 1) * classes), n * classes);
  return { values: picked, classes };
}

/** How far scores are from those of reference: root of the mean of all squared differences. */
export function distanceOf(reference: Scores, { values }: Scores): number {
  let sum = 0;
  for (const [at, score] of values.entries()) sum += (score - (reference.values[at] ?? 0)) ** 2;
  return Math.sqrt(sum / Math.max(1, values.length));
}
