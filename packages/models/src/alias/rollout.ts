import { join } from 'node:path';
import type { Rollout } from '@rookery/contracts';
import type { Reference } from '../reference/reference.ts';
import { productionAlias, type Resolver } from '../reference/resolve.ts';
import { readAliasRecord } from './aliases.ts';

interface Place {
  readonly folder: string;
  readonly resolve: Resolver['resolve'];
}

/** The versions that a reference means now. What stands beside the main version may be gone: whoever loads it finds out. */
export async function rolloutOf(reference: Reference, { folder, resolve }: Place): Promise<Rollout> {
  if (reference.kind === 'registry' && reference.version === undefined) {
    const { name, alias = productionAlias } = reference;
    const record = await readAliasRecord(join(folder, name), alias);
    if (record) {
      const { version, canary, shadow, rules } = record;
      return { name, alias, version, canary, shadow, rules };
    }
  }
  const { name, version } = (await resolve(reference)).manifest;
  return { name, version };
}
