import type { Metrics } from './metrics.ts';

const roles = ['stable', 'canary'] as const;
const outcomes = ['same', 'other', 'failed', 'skipped'] as const;

/** What the versions under one alias do, told to whoever counts it. */
export interface RolloutCounts {
  /** Who answered for a picture. */
  answered(role: (typeof roles)[number]): void;
  /** What came of a picture that a shadow was to label too. */
  compared(outcome: (typeof outcomes)[number]): void;
}

/** `rookery_rollout_pictures_total` and `rookery_shadow_comparisons_total`, of a service and of a worker alike. */
export function rolloutCounts(metrics: Metrics): RolloutCounts {
  const pictures = metrics.counters({
    name: 'rookery_rollout_pictures_total',
    help: 'Pictures answered under an alias with a canary or a shadow, by who answered: stable, canary.',
    labels: ['role'],
  });
  const comparisons = metrics.counters({
    name: 'rookery_shadow_comparisons_total',
    help: 'Pictures that a shadow was to label too: the same first label, another, failed, or skipped where it was too far behind.',
    labels: ['outcome'],
  });
  // A count that is not there before it is 1 has not risen, for Prometheus.
  for (const role of roles) pictures.with({ role });
  for (const outcome of outcomes) comparisons.with({ outcome });
  return {
    answered: (role) => pictures.with({ role }).inc(),
    compared: (outcome) => comparisons.with({ outcome }).inc(),
  };
}
