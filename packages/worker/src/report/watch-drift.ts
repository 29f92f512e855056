import { asRookeryError } from '@rookery/contracts';
import { type DriftRules, WindowRecorder } from '@rookery/monitor';
import type { ObjectStore } from '@rookery/storage';
import type { Logger, Metrics } from '@rookery/telemetry';

export interface WatchDriftOptions {
  readonly store: ObjectStore;
  readonly rules: DriftRules;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** A recorder of windows that tells metrics and log what it finds: `rookery_drift_index`, `rookery_drift_alarm`. */
export function watchDrift({ store, rules, metrics, log }: WatchDriftOptions): WindowRecorder {
  const labels = ['model', 'measure'] as const;
  const index = metrics.gauges({
    name: 'rookery_drift_index',
    help: 'Population stability index of the last slice against the reference, less what chance makes of it.',
    labels,
  });
  const alarm = metrics.gauges({
    name: 'rookery_drift_alarm',
    help: '1 while a measure is alarmed, 0 while it is not.',
    labels,
  });
  const errors = metrics.counter({
    name: 'rookery_monitor_errors_total',
    help: 'Windows that could not be written or compared.',
  });
  const alarmed = new Set<string>();
  const recorder = new WindowRecorder({
    store,
    rules,
    onSlice(model, slice) {
      for (const { name: measure, psi, psiNoise } of slice.measures) {
        index.with({ model, measure }).set(psi - psiNoise);
        const isAlarmed = slice.alarmed.includes(measure);
        alarm.with({ model, measure }).set(isAlarmed ? 1 : 0);
        const key = `${model} ${measure}`;
        if (isAlarmed === alarmed.has(key)) continue;
        if (isAlarmed) alarmed.add(key);
        else alarmed.delete(key);
        if (isAlarmed) log.warn({ model, measure, psi }, 'drift: this is not what the reference window looks like');
        else log.info({ model, measure, psi }, 'drift: as the reference window again');
      }
    },
    onError(thrown) {
      errors.inc();
      log.debug({ err: asRookeryError(thrown) }, 'a window could not be written or compared');
    },
  });
  recorder.start();
  return recorder;
}
