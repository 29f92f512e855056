import { createHash } from 'node:crypto';
import * as z from 'zod';
import { ModelVersion } from './model-manifest.ts';

/** What a version beside the main one may take: more than nothing, at most everything. */
export const Share = z.number().gt(0).max(1);

/** A version beside the one that an alias names, and for which share of pictures. */
export const AliasBeside = z.object({ version: ModelVersion, share: Share });
export type AliasBeside = z.infer<typeof AliasBeside>;

/** When a canary takes over, and when it goes. Rates are of pictures: 0.01 is one in a hundred. */
export const RolloutRules = z.object({
  /** Pictures that the canary must have answered. */
  promoteAfter: z.int().min(1),
  maxErrors: z.number().min(0).max(1).optional(),
  /** Of the canary's median time of a picture over the main version's. */
  maxLatencyRatio: z.number().gt(0).optional(),
  maxDisagreement: z.number().min(0).max(1).optional(),
});
export type RolloutRules = z.infer<typeof RolloutRules>;

/** One change of an alias. */
export const AliasChange = z.object({
  /** ISO 8601, UTC. */
  at: z.string(),
  what: z.enum(['moved', 'canary', 'shadow', 'cleared', 'promoted', 'rolled-back']),
  /** What the alias named before; `null` where there was no such alias. */
  from: ModelVersion.nullable(),
  /** What it names since; for a canary or shadow the version beside it. */
  to: ModelVersion,
  by: z.string().max(200).optional(),
  reason: z.string().max(1_000).optional(),
});
export type AliasChange = z.infer<typeof AliasChange>;

/** The most changes that are kept with an alias. */
export const maxAliasHistory = 50;

/**
 * What an alias names: a version that answers, and beside it a `canary` that answers for its share of pictures and a `shadow` that also
 * runs for its share and answers nothing. As a file: the version on one line, or this as JSON.
 */
export const AliasRecord = z.object({
  version: ModelVersion,
  canary: AliasBeside.optional(),
  shadow: AliasBeside.optional(),
  rules: RolloutRules.optional(),
  /** Oldest first, at most `maxAliasHistory`. */
  history: z.array(AliasChange).optional(),
});
export type AliasRecord = z.infer<typeof AliasRecord>;

/** Reads the file of an alias. @throws {SyntaxError | z.ZodError} where it is neither a version nor a record. */
export function parseAliasRecord(text: string): AliasRecord {
  const trimmed = text.trim();
  return AliasRecord.parse(trimmed.startsWith('{') ? JSON.parse(trimmed) : { version: trimmed });
}

/** The file of an alias, with its LF: one line where nothing but the version is to be kept. */
export function encodeAliasRecord(record: AliasRecord): string {
  const { version, canary, shadow, rules, history = [] } = AliasRecord.parse(record);
  if (!canary && !shadow && !rules && history.length === 0) return `${version}\n`;
  const kept = history.slice(-maxAliasHistory);
  return `${JSON.stringify({ version, canary, shadow, rules, ...(kept.length > 0 && { history: kept }) }, null, 2)}\n`;
}

/** The same alias after a change, with the change in its history. */
export const withChange = (record: AliasRecord, change: AliasChange): AliasRecord => ({
  ...record,
  history: [...(record.history ?? []), change].slice(-maxAliasHistory),
});

/** What a reference means now: versions of one model and their shares. */
export interface Rollout extends Omit<AliasRecord, 'history'> {
  readonly name: string;
  /** The alias that names them; absent where the reference means one version, come what may. */
  readonly alias?: string | undefined;
}

/** Who answers: the main version, or the canary. */
export type AnsweringRole = 'stable' | 'canary';

/** A number from 0 up to, but not, 1 that depends on the text alone: the first 48 bits of its SHA-256. */
const placeOf = (text: string): number => createHash('sha256').update(text).digest().readUIntBE(0, 6) / 2 ** 48;

/** Who answers for a key. The same key always meets the same version; as a share grows nobody goes back. */
export const answersFor = (key: string, { canary }: Pick<AliasRecord, 'canary'>): AnsweringRole =>
  canary !== undefined && placeOf(key) < canary.share ? 'canary' : 'stable';

/** The version that answers for a key. */
export const versionFor = (key: string, rollout: Pick<AliasRecord, 'version' | 'canary'>): string =>
  answersFor(key, rollout) === 'canary' ? (rollout.canary?.version ?? rollout.version) : rollout.version;

/**
 * The versions that also run for a key: the shadow for its share of keys, and, where a rule is about disagreement, the canary for its own.
 * That of them which answers for the key is among them.
 */
export function shadowsFor(key: string, { shadow, canary, rules }: Omit<AliasRecord, 'history'>): string[] {
  const compared = rules?.maxDisagreement === undefined ? undefined : canary;
  // Drawn apart from the canary's share, so that what the main version answers is compared too.
  const place = placeOf(`shadow\0${key}`);
  const drawn = [shadow, compared].filter((each) => each !== undefined).filter(({ share }) => place < share);
  return [...new Set(drawn.map(({ version }) => version))];
}
