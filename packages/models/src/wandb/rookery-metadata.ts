import { createHash } from 'node:crypto';
import { AliasRecord, canonicalJson, type ModelManifest, ModelVersion } from '@rookery/contracts';
import * as z from 'zod';
import { Signature } from '../signing/signing.ts';
import type { FoundArtifact } from './artifacts.ts';

/**
 * What an artifact's metadata hold under `rookery`. An alias of W&B says what it names; how it came to, and what stands beside it, lies with the
 * artifact that it names, since W&B keeps nothing with an alias.
 */
const RookeryMetadata = z.object({
  v: z.literal(1),
  version: ModelVersion,
  aliases: z.record(z.string(), AliasRecord).catch({}),
  signatures: z.array(Signature).catch([]),
});
export type RookeryMetadata = z.infer<typeof RookeryMetadata>;

/** `undefined` where Rookery did not make the artifact. */
export function rookeryOf({ metadata }: Pick<FoundArtifact, 'metadata'>): RookeryMetadata | undefined {
  return RookeryMetadata.safeParse(metadata.rookery).data;
}

export const withRookery = ({ metadata }: Pick<FoundArtifact, 'metadata'>, rookery: RookeryMetadata): object => ({
  ...metadata,
  rookery,
});

/** Metadata of a new artifact: ours, and what people look for on its page. */
export const metadataOf = (manifest: ModelManifest): Record<string, unknown> => ({
  classes: manifest.signature.output.classes,
  width: manifest.preprocessing.width,
  height: manifest.preprocessing.height,
  variants: Object.keys(manifest.variants),
  source: manifest.provenance.source,
  ...(manifest.metrics && { metrics: manifest.metrics }),
  rookery: { v: 1, version: manifest.version, aliases: {}, signatures: [] } satisfies RookeryMetadata,
});

/** What an alias, kept under `key`, names; `undefined` where it names an artifact that Rookery did not make. */
export function recordAt(artifact: FoundArtifact, key: string): AliasRecord | undefined {
  const rookery = rookeryOf(artifact);
  if (!rookery) return undefined;
  const kept = rookery.aliases[key];
  return kept?.version === rookery.version ? kept : { version: rookery.version };
}

/** Names a state of an alias. */
export const revisionOf = (artifact: FoundArtifact, record: AliasRecord): string =>
  createHash('sha256')
    .update(canonicalJson([artifact.id, record]))
    .digest('hex');
