import { RookeryError } from '@rookery/contracts';
import { versionBefore } from '../alias/roll-back.ts';
import type { RegisteredModel, Registry } from '../registry.ts';

/** A version that nothing in its registry refers to. */
export interface Garbage {
  readonly name: string;
  readonly version: string;
  readonly createdAt: string;
  readonly sizeBytes: number;
}

/**
 * Versions that nothing refers to: no alias, canary or shadow, and no alias would go back to it. The newest version of a model is none where
 * a bare name means it.
 * @param olderThanMs Only versions that were added longer ago. Milliseconds.
 * @throws {RookeryError} why a model cannot be read: then nobody knows what it refers to
 */
export async function findGarbage(registry: Registry, olderThanMs: number): Promise<Garbage[]> {
  const before = Date.now() - olderThanMs;
  const found: Garbage[] = [];
  const models = await registry.list();
  // What cannot be read may name any version.
  for (const { unreadable } of models) if (unreadable) throw unreadable;
  for (const model of models) {
    const kept = referredTo(model);
    for (const { manifest, builtIn } of model.versions) {
      const { name, version, createdAt, files } = manifest;
      if (builtIn || kept.has(version) || Date.parse(createdAt) > before) continue;
      found.push({ name, version, createdAt, sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) });
    }
  }
  return found;
}

/** Removes what was found, and resolves to what it removed: what an alias has come to name meanwhile stays. */
export async function removeGarbage(registry: Registry, found: readonly Garbage[]): Promise<Garbage[]> {
  const removed: Garbage[] = [];
  for (const each of found) if (await removeUnlessInUse(registry, each)) removed.push(each);
  return removed;
}

function referredTo({ targets, versions }: RegisteredModel): Set<string | undefined> {
  const named = Object.values(targets).flatMap((record) => [
    record.version,
    record.canary?.version,
    record.shadow?.version,
    versionBefore(record),
  ]);
  return new Set([...named, ...(targets.production ? [] : [versions[0]?.manifest.version])]);
}

/** False where an alias has come to name it, or it is gone. */
async function removeUnlessInUse(registry: Registry, { name, version }: Garbage): Promise<boolean> {
  try {
    await registry.remove({ kind: 'registry', name, version });
    return true;
  } catch (error) {
    if (error instanceof RookeryError && ['MODEL_IN_USE', 'MODEL_NOT_FOUND'].includes(error.code)) return false;
    throw error;
  }
}
