import type { DriftRules } from './drift-rules.ts';
import { type AxisName, axes, axisNames, binOf } from './sketch/axes.ts';
import type { Window } from './sketch/window.ts';
import { coarse, coarseClasses } from './statistics/coarse.ts';
import { jensenShannon, populationStability, psiNoise } from './statistics/distances.ts';
import { gTest } from './statistics/g-test.ts';
import { holm } from './statistics/holm.ts';
import { kolmogorovSmirnov } from './statistics/kolmogorov-smirnov.ts';

/** What is compared: each axis, the classes, and two rates. */
export type MeasureName = AxisName | 'classes' | 'unsure' | 'failed';
export const measureNames: readonly MeasureName[] = ['classes', 'unsure', 'failed', ...axisNames];

/** `few`: too few pictures to say anything. `off`: significant, and large enough. `well`: below the level that clears an alarm. */
export type MeasureState = 'few' | 'well' | 'between' | 'off';

export interface Measure {
  readonly name: MeasureName;
  /** Pictures of the reference and of the window that have this measure. */
  readonly reference: number;
  readonly window: number;
  /** As it is, and what chance alone makes of it on average with so many pictures and bins. */
  readonly psi: number;
  readonly psiNoise: number;
  /** Jensen-Shannon distance, 0 to 1, of the same bins. */
  readonly distance: number;
  readonly test: 'ks' | 'g';
  readonly statistic: number;
  readonly p: number;
  /** As one of all measures of this comparison (Holm). */
  readonly adjustedP: number;
  readonly state: MeasureState;
}

type Raw = Omit<Measure, 'adjustedP' | 'state'>;

/** Compares a window with the reference, measure by measure. */
export function compareWindows(reference: Window, window: Window, rules: DriftRules): Measure[] {
  const raw = measureNames.flatMap((name) => rawOf(name, reference, window, rules) ?? []);
  const told = raw.filter((measure) => hasEnough(measure, rules));
  const adjusted = new Map(holm(told.map(({ p }) => p)).map((p, place) => [told[place]?.name, p]));
  return raw.map((measure) => {
    const adjustedP = adjusted.get(measure.name) ?? 1;
    return { ...measure, adjustedP, state: stateOf(measure, adjustedP, rules) };
  });
}

const hasEnough = ({ reference, window }: Raw, { least }: DriftRules): boolean => Math.min(reference, window) >= least;

function stateOf(measure: Raw, adjustedP: number, rules: DriftRules): MeasureState {
  if (!hasEnough(measure, rules)) return 'few';
  const index = measure.psi - measure.psiNoise;
  if (index >= rules.raise && adjustedP < rules.alpha) return 'off';
  return index < rules.clear || adjustedP >= rules.alpha ? 'well' : 'between';
}

function rawOf(name: MeasureName, reference: Window, window: Window, rules: DriftRules): Raw | undefined {
  switch (name) {
    case 'classes':
      return counted(name, ...coarseClasses(reference.classes, window.classes));
    case 'unsure':
      return counted(name, unsure(reference, rules), unsure(window, rules));
    case 'failed':
      return counted(name, failed(reference), failed(window));
    case 'entropy':
      // Of other numbers of labels it is another measure.
      if (reference.top !== window.top || window.top === 0) return undefined;
      return measured(name, reference, window);
    default:
      return measured(name, reference, window);
  }
}

function counted(name: MeasureName, reference: readonly number[], window: readonly number[]): Raw {
  const { statistic, p } = gTest(reference, window);
  return { name, ...distances(reference, window), test: 'g', statistic, p };
}

function measured(name: AxisName, { histograms: before }: Window, { histograms: now }: Window): Raw {
  const { statistic, p } = kolmogorovSmirnov(before[name], now[name]);
  return { name, ...distances(...coarse(before[name], now[name])), test: 'ks', statistic, p };
}

function distances(before: readonly number[], now: readonly number[]) {
  const [reference, window] = [sum(before), sum(now)];
  return {
    reference,
    window,
    psi: populationStability(before, now),
    psiNoise: psiNoise(before.length, reference, window),
    distance: jensenShannon(before, now),
  };
}

/** Labelled pictures whose best score is below the bound, and the others. */
export function unsure({ histograms: { confidence } }: Window, { lowConfidence }: DriftRules): [number, number] {
  const bound = lowConfidence >= 1 ? confidence.length : binOf(lowConfidence + 1e-9, axes.confidence);
  const low = sum(confidence.slice(0, bound));
  return [low, sum(confidence) - low];
}

const failed = ({ failed, pictures }: Window): [number, number] => [failed, pictures - failed];

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
