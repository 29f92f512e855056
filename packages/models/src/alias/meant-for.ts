import { versionFor } from '@rookery/contracts';
import { parseReference } from '../reference/reference.ts';
import type { Registry } from '../registry.ts';

/**
 * The reference of the version that answers for a key, such as a job's id: that of the canary for its share of keys. What stands for one
 * version come what may stays as it is.
 * @throws {RookeryError} REFERENCE_INVALID, MODEL_NOT_FOUND, SOURCE_UNREADABLE
 */
export async function meantFor(registry: Pick<Registry, 'rollout'>, reference: string, key: string): Promise<string> {
  const parsed = parseReference(reference);
  if (parsed.kind !== 'registry' || parsed.version !== undefined) return reference;
  const rollout = await registry.rollout(parsed);
  return rollout.canary ? `${rollout.name}@${versionFor(key, rollout)}` : reference;
}
