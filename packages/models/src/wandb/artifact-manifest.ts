import { createHash } from 'node:crypto';
import * as z from 'zod';

/** One file of an artifact, by its path. */
export const ArtifactEntry = z.object({
  /** MD5 in Base64. */
  digest: z.string(),
  size: z.number().optional(),
  birthArtifactID: z.string().nullish(),
  /** Where the bytes are, if not with W&B. */
  ref: z.string().nullish(),
});
export type ArtifactEntry = z.infer<typeof ArtifactEntry>;

export const ArtifactManifest = z.object({ version: z.literal(1), contents: z.record(z.string(), ArtifactEntry) });

/** The digest that W&B knows an artifact by (`ArtifactManifestV1.digest` of the official client). */
export function digestOfArtifact(contents: Readonly<Record<string, ArtifactEntry>>): string {
  const hash = createHash('md5').update('wandb-artifact-manifest-v1\n');
  for (const path of Object.keys(contents).sort(byCodePoint)) hash.update(`${path}:${contents[path]?.digest}\n`);
  return hash.digest('hex');
}

/** `wandb_manifest.json`, as the official client writes it. */
export const encodeArtifactManifest = (contents: Readonly<Record<string, ArtifactEntry>>): string =>
  JSON.stringify({
    version: 1,
    storagePolicy: 'wandb-storage-policy-v1',
    storagePolicyConfig: { storageLayout: 'V2' },
    contents,
  });

/** As Python sorts text; the paths of a model's files are ASCII. */
const byCodePoint = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
