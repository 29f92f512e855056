import { type AliasRecord, RookeryError, withChange } from '@rookery/contracts';
import type { AliasOptions } from '../registry.ts';

/**
 * An alias after it was moved to a version; `undefined` where it names that version alone already. What it named before stays in its
 * history.
 * @throws {RookeryError} ALIAS_CONFLICT
 */
export function moved(
  now: AliasRecord | undefined,
  version: string,
  called: string,
  { expect, by, reason }: AliasOptions,
): AliasRecord | undefined {
  const from = now?.version ?? null;
  if (expect !== undefined && from !== expect)
    throw new RookeryError('ALIAS_CONFLICT', {
      detail: `${called} names ${from ?? 'nothing'}, not ${expect ?? 'nothing'}`,
    });
  if (from === version && !now?.canary && !now?.shadow) return undefined;
  const next: AliasRecord = { version, ...(now?.history && { history: now.history }) };
  // A new alias has no past: it stays one line.
  if (from === null && by === undefined && reason === undefined) return next;
  const at = new Date().toISOString();
  return withChange(next, { at, what: 'moved', from, to: version, by, reason });
}
