import { type AliasRecord, RookeryError, withChange } from '@rookery/contracts';
import type { Registry } from '../registry.ts';
import { rolledBack, type WhoAndWhy } from './change-rollout.ts';

/**
 * Lets an alias name what it named before; where it has a canary, only that goes. Going back again goes further back.
 * @throws {RookeryError} ALIAS_UNCHANGED where nothing came before, MODEL_NOT_FOUND where that version is gone.
 */
export async function rollBack(
  registry: Registry,
  name: string,
  alias: string,
  why: WhoAndWhy = {},
): Promise<AliasRecord> {
  const called = `${name}:${alias}`;
  const record = await registry.changeAlias(name, alias, (now) => {
    if (!now) throw new RookeryError('ALIAS_UNCHANGED', { detail: `there is no ${called}` });
    if (now.canary) return rolledBack(now, why);
    const before = versionBefore(now);
    if (before === undefined)
      throw new RookeryError('ALIAS_UNCHANGED', { detail: `${called} named nothing before ${now.version}` });
    const at = new Date().toISOString();
    const next: AliasRecord = { version: before, ...(now.history && { history: now.history }) };
    return withChange(next, { at, what: 'rolled-back', from: now.version, to: before, ...why });
  });
  if (!record) throw new RookeryError('ALIAS_UNCHANGED', { detail: `there is no ${called}` });
  return record;
}

/** What the alias named before, by its history: a version that was rolled back from is not gone back to. */
export function versionBefore({ version, history = [] }: AliasRecord): string | undefined {
  const before: string[] = [];
  let current: string | null = history[0]?.from ?? null;
  for (const { what, from, to } of history) {
    if (what === 'moved' || what === 'promoted') {
      if (current !== null) before.push(current);
      current = to;
    } else if (what === 'rolled-back' && from === current) {
      // A canary that was taken back leaves the main version where it is; this moved it.
      while (before.length > 0 && current !== to) current = before.pop() ?? null;
      current = to;
    }
  }
  return before.filter((each) => each !== version).at(-1);
}
