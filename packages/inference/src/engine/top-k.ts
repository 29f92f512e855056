export interface Ranking {
  readonly indices: readonly number[];
  readonly scores: readonly number[];
}

const notNumbers: Ranking = { indices: [], scores: [] };

/**
 * The `top` best of the `classes` scores that begin at `from`, by what is left of them after rounding to six decimals, ties to the
 * lower index: digits in which processors differ decide nothing. Nothing is allocated per class.
 *
 * @returns Indices and scores, best first; both empty where a score is not a finite number.
 */
export function topK(scores: Float32Array, from: number, classes: number, top: number): Ranking {
  const count = Math.min(top, classes);
  const indices: number[] = [];
  const millionths: number[] = [];
  let worst = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < classes; index++) {
    const score = Math.round((scores[from + index] as number) * 1e6) + 0;
    if (!Number.isFinite(score)) return notNumbers;
    if (score <= worst) continue;
    let place = Math.min(indices.length, count - 1);
    for (; place > 0 && score > (millionths[place - 1] as number); place--) {
      millionths[place] = millionths[place - 1] as number;
      indices[place] = indices[place - 1] as number;
    }
    millionths[place] = score;
    indices[place] = index;
    if (indices.length === count) worst = millionths[count - 1] as number;
  }
  return { indices, scores: millionths.map((score) => score / 1e6) };
}

/** The scores themselves, rounded as `topK` rounds them. */
export function rounded(scores: Float32Array, from: number, classes: number): Float32Array {
  return scores.subarray(from, from + classes).map((score) => Math.round(score * 1e6) / 1e6);
}
