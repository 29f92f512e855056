import type { DriftRules } from '@rookery/monitor';
import type { Config } from '../config.ts';

/** What the configuration says of drift. */
export function driftRulesOf({ monitor: { enabled: _, ...rules } }: Pick<Config, 'monitor'>): DriftRules {
  return rules;
}
