import { asClassifier } from '../as-classifier.ts';
import { feedOf, pick, type Sample } from '../sample.ts';
import { openSession, type Session, type SessionOptions } from '../session.ts';

/** One batch size, measured in turn with the reference: whatever else the machine does meets both. */
export interface Pace {
  readonly batch: number;
  readonly threads: number;
  readonly rounds: number;
  /** Median milliseconds a picture. */
  readonly referenceMs: number;
  readonly ms: number;
  /** Median of the rounds' own ratios: how many times as fast as the reference. */
  readonly ratio: number;
  /** Quartiles of these ratios: half of the rounds lie between. */
  readonly ratios: readonly [low: number, high: number];
}

/** A serving graph with the session options that belong to it. */
export interface Runnable {
  readonly graph: Uint8Array;
  readonly sessionConfig?: Readonly<Record<string, string>> | undefined;
}

export interface PaceOptions {
  readonly batches?: readonly number[] | undefined;
  readonly threads: number;
  /** For all batches together. */
  readonly seconds?: number | undefined;
  /** However long they take. Default: 6. */
  readonly fewestRounds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The engine alone, without decoding: both graphs in turn, for the same time. */
export async function paceOf(
  reference: Runnable,
  other: Runnable,
  sample: Sample,
  { batches = [1, 8], threads, seconds = 8, fewestRounds = 6, signal }: PaceOptions,
): Promise<Pace[]> {
  const options = ({ sessionConfig }: Runnable): SessionOptions => ({
    threads,
    config: { ...asClassifier, ...sessionConfig },
  });
  await using first = await openSession(reference.graph, options(reference));
  await using second = await openSession(other.graph, options(other));
  const paces: Pace[] = [];
  for (const batch of batches) {
    const feed = await feedOf(repeated(sample, batch), 0, batch);
    const run = async (session: Session): Promise<number> => {
      signal?.throwIfAborted();
      const begun = performance.now();
      await session.run({ [session.inputs[0] ?? '']: feed });
      return (performance.now() - begun) / batch;
    };
    // The first run of a shape allocates.
    for (const session of [first, second, first, second]) await run(session);
    const until = performance.now() + (seconds * 1000) / batches.length;
    const rounds: [number, number][] = [];
    while (rounds.length < fewestRounds || performance.now() < until)
      rounds.push([await run(first), await run(second)]);
    const part = (share: number, of: (round: [number, number]) => number): number =>
      rounds.map(of).sort((a, b) => a - b)[Math.floor(rounds.length * share)] ?? Number.NaN;
    const ratio = ([before, after]: [number, number]): number => before / after;
    paces.push({
      batch,
      threads,
      rounds: rounds.length,
      referenceMs: part(0.5, ([ms]) => ms),
      ms: part(0.5, ([, ms]) => ms),
      ratio: part(0.5, ratio),
      ratios: [part(0.25, ratio), part(0.75, ratio)],
    });
  }
  return paces;
}

const repeated = (sample: Sample, count: number): Sample =>
  pick(
    sample,
    Array.from({ length: count }, (_, n) => n % sample.count),
  );
