import { agreementOf } from '@rookery/optimizer';
import { paretoOf } from './pareto.ts';
import type { TunedSetting } from './tune-report.ts';
import type { Setting, SettingRun } from './tune-setting.ts';

/** What the runs of each setting say, fastest first. `truth`: the scores of reference of every picture. */
export function rankSettings(
  runs: ReadonlyMap<Setting, readonly SettingRun[]>,
  truth: Float32Array,
  classes: number,
  sources: readonly number[],
): TunedSetting[] {
  const found = [...runs].map(([setting, own]) => {
    const scores = own[0]?.scores ?? new Float32Array(truth.length);
    const reference = { values: truth, classes };
    const { flips: _flips, ...agreement } = agreementOf(reference, { values: scores, classes }, sources);
    const speeds = own.map(({ picturesPerSecond }) => picturesPerSecond).sort((a, b) => a - b);
    return { ...setting, picturesPerSecond: speeds[speeds.length >> 1] ?? 0, agreement };
  });
  const points = found.map(({ picturesPerSecond: speed, agreement }) => ({ speed, loss: agreement.largestShift }));
  const pareto = paretoOf(points);
  return found
    .map((setting, n) => ({ ...setting, pareto: pareto[n] ?? false }))
    .sort((a, b) => b.picturesPerSecond - a.picturesPerSecond);
}
