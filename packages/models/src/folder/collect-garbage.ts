import { RookeryError } from '@rookery/contracts';
import { versionBefore } from '../alias/roll-back.ts';
import type { RegisteredModel, Registry } from '../registry.ts';

export interface GarbageOptions {
  /** Only versions that were added longer ago. Milliseconds. */
  readonly olderThanMs: number;
  /** Nothing is removed. */
  readonly dryRun: boolean;
  /** What else is referred to, as `name@version`. */
  readonly keep?: ReadonlySet<string> | undefined;
}

export interface Garbage {
  readonly name: string;
  readonly version: string;
  readonly createdAt: string;
  readonly sizeBytes: number;
}

/**
 * Removes versions that nothing refers to: no alias, canary or shadow, and no alias would go back to it. The newest version of a model
 * stays where a bare name means it. Where a model cannot be read, nothing is removed.
 */
export async function collectGarbage(registry: Registry, options: GarbageOptions): Promise<Garbage[]> {
  const before = Date.now() - options.olderThanMs;
  const removed: Garbage[] = [];
  const models = await registry.list();
  // What cannot be read may name any version.
  for (const { unreadable } of models) if (unreadable) throw unreadable;
  for (const model of models) {
    const kept = referredTo(model);
    for (const { manifest, builtIn } of model.versions) {
      const { name, version, createdAt, files } = manifest;
      if (builtIn || kept.has(version) || options.keep?.has(`${name}@${version}`)) continue;
      if (Date.parse(createdAt) > before) continue;
      if (!options.dryRun && !(await removeUnlessInUse(registry, name, version))) continue;
      removed.push({ name, version, createdAt, sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) });
    }
  }
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
async function removeUnlessInUse(registry: Registry, name: string, version: string): Promise<boolean> {
  try {
    await registry.remove({ kind: 'registry', name, version });
    return true;
  } catch (error) {
    if (error instanceof RookeryError && ['MODEL_IN_USE', 'MODEL_NOT_FOUND'].includes(error.code)) return false;
    throw error;
  }
}
