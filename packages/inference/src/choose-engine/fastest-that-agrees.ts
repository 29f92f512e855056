import type { EngineName } from '../engine/port.ts';

/** One engine with the trial pictures, beside the engine that is taken where nothing is measured. */
export interface Trial {
  readonly engine: EngineName;
  /** Why it could not run the model at all; it has no figures then. */
  readonly failed?: string | undefined;
  readonly picturesPerSecond: number;
  /** How many times as fast as the first engine: the median of what was measured in turn. */
  readonly ratio: number;
  /** Between its scores and those of the first engine. */
  readonly largestDifference: number;
  /** Trial pictures whose best label is another one. */
  readonly otherLabels: number;
  /** The same picture always had the same scores, whatever batch it was in. */
  readonly isSteady: boolean;
}

const largestDifference = 1e-3;
/** Less than this is no reason to leave the first engine. */
const worthIt = 1.05;

/** The first trial is the one that the others must agree with. */
export function fastestThatAgrees([first, ...others]: readonly Trial[]): EngineName {
  if (!first) throw new Error('no engine was tried');
  const agreeing = others.filter(
    (trial) =>
      trial.failed === undefined &&
      trial.isSteady &&
      trial.otherLabels === 0 &&
      trial.largestDifference <= largestDifference &&
      trial.ratio >= worthIt,
  );
  return agreeing.reduce((best, trial) => (trial.ratio > best.ratio ? trial : best), { engine: first.engine, ratio: 1 })
    .engine;
}
