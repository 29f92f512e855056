import type { AliasRecord } from '@rookery/contracts';

/** What stands beside the versions of a model's aliases, by alias; aliases without a canary or a shadow are left out. */
export const rolloutsOf = (
  targets: Readonly<Record<string, AliasRecord>>,
): Record<string, Pick<AliasRecord, 'canary' | 'shadow' | 'rules'>> =>
  Object.fromEntries(
    Object.entries(targets).flatMap(([alias, { canary, shadow, rules }]) =>
      canary || shadow ? [[alias, { canary, shadow, rules }]] : [],
    ),
  );
