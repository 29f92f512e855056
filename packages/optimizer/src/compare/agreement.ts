import { wilsonInterval } from '@rookery/contracts';
import { best, type Scores } from './scores.ts';

/** A picture whose best label became another one. */
export interface Flip {
  readonly picture: number;
  readonly from: number;
  readonly to: number;
  /** Of `from` and of `to`, before and after. */
  readonly before: readonly [number, number];
  readonly after: readonly [number, number];
}

export interface Agreement {
  readonly pictures: number;
  /** Distinct pictures: views of one count once. */
  readonly sources: number;
  /** Share of pictures whose best label stayed. */
  readonly top1: number;
  /** Share of pictures whose best label is still among the best five. */
  readonly top5: number;
  /** Sources none of whose views changed its best label, as a share; and its 95 % interval. */
  readonly stable: number;
  readonly interval: readonly [low: number, high: number] | null;
  /** Of any score of any picture. */
  readonly largestShift: number;
  /** Root of the mean squared shift of a picture's best score. */
  readonly shift: number;
  readonly flips: readonly Flip[];
}

/** How well scores agree with those of reference. `sources`: for each picture, the number of its source. */
export function agreementOf(reference: Scores, scores: Scores, sources: readonly number[]): Agreement {
  const flips: Flip[] = [];
  const flipped = new Set<number>();
  const count = sources.length;
  let [among, squares, largestShift] = [0, 0, 0];
  for (let picture = 0; picture < count; picture += 1) {
    const [from = 0] = best(reference, picture, 1);
    const five = best(scores, picture, 5);
    const [to = 0] = five;
    const at = (of: Scores, label: number): number => of.values[picture * of.classes + label] ?? 0;
    if (five.includes(from)) among += 1;
    squares += (at(scores, from) - at(reference, from)) ** 2;
    if (from === to) continue;
    flipped.add(sources[picture] ?? picture);
    const [before, after] = [reference, scores].map((of) => [at(of, from), at(of, to)] as const);
    if (before && after) flips.push({ picture, from, to, before, after });
  }
  for (const [at, score] of scores.values.entries())
    largestShift = Math.max(largestShift, Math.abs(score - (reference.values[at] ?? 0)));
  const distinct = new Set(sources).size;
  return {
    pictures: count,
    sources: distinct,
    top1: share(count - flips.length, count),
    top5: share(among, count),
    stable: share(distinct - flipped.size, distinct),
    interval: wilsonInterval(distinct - flipped.size, distinct) ?? null,
    largestShift,
    shift: Math.sqrt(squares / Math.max(1, count)),
    flips,
  };
}

const share = (part: number, of: number): number => (of === 0 ? 1 : part / of);
