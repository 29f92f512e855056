import type { ModelInfo } from '@rookery/client';
import { count, percent } from '../ui/format.ts';

type Rollouts = ModelInfo['rollouts'];

/** The part that a version plays in rollouts, such as `canary of production, 10.0 %`, and the rules that decide about it. */
export const standingsOf = (rollouts: Rollouts, version: string): { chip: string; rule: string | undefined }[] =>
  Object.entries(rollouts).flatMap(([alias, { canary, shadow, rules }]) =>
    Object.entries({ canary, shadow }).flatMap(([role, beside]) =>
      beside?.version === version
        ? [
            {
              chip: `${role} of ${alias}, ${percent(beside.share)}`,
              rule: role === 'canary' ? ruleOf(rules) : undefined,
            },
          ]
        : [],
    ),
  );

const ruleOf = (rules: Rollouts[string]['rules']): string => {
  if (!rules) return 'none';
  const { promoteAfter, maxErrors, maxLatencyRatio, maxDisagreement } = rules;
  return [
    `decided after ${count(promoteAfter)} pictures`,
    maxErrors !== undefined && `errors ≤\u00a0${percent(maxErrors)}`,
    maxLatencyRatio !== undefined && `time ≤\u00a0${maxLatencyRatio}\u00a0×`,
    maxDisagreement !== undefined && `disagreement ≤\u00a0${percent(maxDisagreement)}`,
  ]
    .filter(Boolean)
    .join(', ');
};
