import type { Measure, MeasureName } from '../compare.ts';
import type { SliceReport } from '../drift-alarm.ts';
import type { DriftRules } from '../drift-rules.ts';
import type { FeedbackReport } from '../feedback/evaluate-feedback.ts';
import type { Window } from '../sketch/window.ts';

/** What is known of one model in use. */
export interface MonitorReport {
  readonly at: string;
  /** `name@version`. */
  readonly name: string;
  /** The job that it is about; null: what the fleet did in a time. */
  readonly job: string | null;
  readonly rules: DriftRules;
  /** Null where the version has no reference window: then nothing is compared. */
  readonly reference: { readonly createdAt: string; readonly job: string | null; readonly window: Window } | null;
  readonly window: Window;
  /** All of the window against the reference. */
  readonly measures: readonly Measure[];
  /** Piece by piece, oldest first; the newest five hundred. A job is one piece. */
  readonly slices: readonly SliceReport[];
  readonly alarmed: readonly { readonly measure: MeasureName; readonly since: string }[];
  readonly feedback: FeedbackReport | null;
}

export type Verdict = 'drifting' | 'changing' | 'stable' | 'unknown';

/**
 * `changing`: a measure is off, but not for so many slices in a row that it is an alarm. `unknown`: there is nothing to compare with, or
 * too few pictures for any measure.
 */
export function verdictOf({ alarmed, measures }: Pick<MonitorReport, 'alarmed' | 'measures'>): Verdict {
  if (alarmed.length > 0) return 'drifting';
  if (measures.some(({ state }) => state === 'off')) return 'changing';
  return measures.some(({ state }) => state !== 'few') ? 'stable' : 'unknown';
}

/** A state for people. Results hold no brightness and no sharpness: only workers measure them. */
export const stateText = ({ state, reference, window }: Measure): string =>
  state !== 'few' ? state : Math.max(reference, window) === 0 ? 'not measured' : 'too few';
