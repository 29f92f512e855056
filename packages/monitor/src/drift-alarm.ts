import { compareWindows, type Measure, type MeasureName } from './compare.ts';
import type { DriftRules } from './drift-rules.ts';
import { mergeWindows, type Window } from './sketch/window.ts';

/** Of one measure: whether it is alarmed, and how many slices in a row have spoken for the other state. */
export interface AlarmState {
  readonly alarmed: boolean;
  /** When the slice ended that raised it. */
  readonly since: string | null;
  readonly streak: number;
}

const quiet: AlarmState = { alarmed: false, since: null, streak: 0 };

/** Hysteresis: `raiseAfter` slices in a row that are off raise an alarm, `clearAfter` that are well clear it. Too few pictures change nothing. */
export function nextAlarm(
  before: AlarmState,
  { state }: Pick<Measure, 'state'>,
  at: string,
  rules: DriftRules,
): AlarmState {
  if (state === 'few') return before;
  if (state !== (before.alarmed ? 'well' : 'off')) return before.streak === 0 ? before : { ...before, streak: 0 };
  const streak = before.streak + 1;
  if (streak < (before.alarmed ? rules.clearAfter : rules.raiseAfter)) return { ...before, streak };
  return before.alarmed ? quiet : { alarmed: true, since: at, streak: 0 };
}

/** What one slice showed. */
export interface SliceReport {
  readonly from: string;
  readonly to: string;
  readonly pictures: number;
  readonly measures: readonly Measure[];
  /** Measures that are alarmed after it. */
  readonly alarmed: readonly MeasureName[];
}

/** Takes the windows of one model as they come, compares a slice at a time with the reference, and remembers what is alarmed. */
export class DriftAlarm {
  readonly #reference: Window;
  readonly #rules: DriftRules;
  readonly #states = new Map<MeasureName, AlarmState>();
  #open: Window | undefined;

  constructor(reference: Window, rules: DriftRules) {
    this.#reference = reference;
    this.#rules = rules;
  }

  /** Measures that are alarmed now, with the time of it. */
  get alarmed(): { readonly measure: MeasureName; readonly since: string }[] {
    return [...this.#states].flatMap(([measure, { alarmed, since }]) => (alarmed && since ? [{ measure, since }] : []));
  }

  /** @returns What the slice showed, once there are pictures enough for one. */
  add(window: Window): SliceReport | undefined {
    this.#open = this.#open ? mergeWindows(this.#open, window) : window;
    return this.#open.pictures >= this.#rules.slice ? this.#close(this.#open) : undefined;
  }

  #close(slice: Window): SliceReport {
    this.#open = undefined;
    const measures = compareWindows(this.#reference, slice, this.#rules);
    for (const measure of measures)
      this.#states.set(
        measure.name,
        nextAlarm(this.#states.get(measure.name) ?? quiet, measure, slice.to, this.#rules),
      );
    const { from, to, pictures } = slice;
    return { from, to, pictures, measures, alarmed: this.alarmed.map(({ measure }) => measure) };
  }
}
