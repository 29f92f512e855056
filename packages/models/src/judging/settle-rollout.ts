import type { AliasRecord, Rollout } from '@rookery/contracts';
import { promoted, rolledBack } from '../alias/change-rollout.ts';
import type { Registry } from '../registry.ts';
import type { RolloutVerdict } from './verdict.ts';

/**
 * Changes an alias as its rules say, with the reason in its history, unless somebody has changed it since: of several who judge at the
 * same time one moves it. Resolves to whether it was this one.
 * @throws {RookeryError} STORE_*, ALIAS_CONFLICT
 */
export async function settleRollout(
  registry: Pick<Registry, 'changeAlias'>,
  rollout: Rollout,
  { what, reason }: RolloutVerdict,
): Promise<boolean> {
  const { name, alias } = rollout;
  if (alias === undefined) return false;
  let settled = false;
  await registry.changeAlias(name, alias, (now) => {
    settled = now !== undefined && judgedOf(now) === judgedOf(rollout);
    if (!settled || !now) return undefined;
    return (what === 'promoted' ? promoted : rolledBack)(now, { by: 'rule', reason });
  });
  return settled;
}

/** What a verdict is about. */
const judgedOf = ({ version, canary, rules }: Omit<AliasRecord, 'history'>): string =>
  JSON.stringify([version, canary?.version, canary?.share, Object.entries(rules ?? {}).sort()]);
