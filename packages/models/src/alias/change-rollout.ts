import {
  type AliasBeside,
  type AliasChange,
  type AliasRecord,
  type RolloutRules,
  RookeryError,
  withChange,
} from '@rookery/contracts';

/** Kept with every change. */
export interface WhoAndWhy {
  readonly by?: string | undefined;
  readonly reason?: string | undefined;
}

/** The alias with a canary or a shadow. Another one in its place goes. @throws {RookeryError} ALIAS_UNCHANGED where it is the main version. */
export function beside(
  now: AliasRecord,
  role: 'canary' | 'shadow',
  { version, share }: AliasBeside,
  { rules, ...why }: WhoAndWhy & { readonly rules?: RolloutRules | undefined } = {},
): AliasRecord {
  if (version === now.version)
    throw new RookeryError('ALIAS_UNCHANGED', { detail: `${version} answers already: it cannot be its own ${role}` });
  const kept = role === 'canary' ? rules : now.rules;
  const next: AliasRecord = { ...now, rules: kept, [role]: { version, share } };
  return withChange(next, changeOf(now, role, version, why));
}

/** The alias without a canary and a shadow; `undefined` where it has none. */
export function cleared(now: AliasRecord, why: WhoAndWhy = {}): AliasRecord | undefined {
  if (!now.canary && !now.shadow) return undefined;
  return withChange(alone(now, now.version), changeOf(now, 'cleared', now.version, why));
}

/** The canary answers for everything. @throws {RookeryError} ALIAS_UNCHANGED where there is no canary. */
export function promoted(now: AliasRecord, why: WhoAndWhy = {}): AliasRecord {
  if (!now.canary) throw new RookeryError('ALIAS_UNCHANGED', { detail: 'there is no canary to promote' });
  const { version } = now.canary;
  return withChange(alone(now, version), changeOf(now, 'promoted', version, why));
}

/** The canary goes. @throws {RookeryError} ALIAS_UNCHANGED where there is none. */
export function rolledBack(now: AliasRecord, why: WhoAndWhy = {}): AliasRecord {
  if (!now.canary) throw new RookeryError('ALIAS_UNCHANGED', { detail: 'there is no canary to take back' });
  // The history reads from the canary to the version that answered beside it.
  return withChange(alone(now, now.version), {
    ...changeOf(now, 'rolled-back', now.version, why),
    from: now.canary.version,
  });
}

const alone = ({ history }: AliasRecord, version: string): AliasRecord => ({ version, ...(history && { history }) });

const changeOf = (now: AliasRecord, what: AliasChange['what'], to: string, { by, reason }: WhoAndWhy): AliasChange => ({
  at: new Date().toISOString(),
  what,
  from: now.version,
  to,
  by,
  reason,
});
