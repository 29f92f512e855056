import { canonicalJson, digestOf, type ModelDraft, type ModelFile, type ModelManifest } from '@rookery/contracts';

/** The parts of a manifest that two versions with the same name can differ in. */
type Identity = Pick<
  ModelManifest,
  'files' | 'signature' | 'preprocessing' | 'decode' | 'labels' | 'variants' | 'defaultVariant' | 'normalisation'
>;

/** Twelve hexadecimal digits of 64: 48 bits, enough to tell versions of one model apart, short enough to be typed. */
const versionDigits = 12;

/**
 * What a version is named after: the first twelve hexadecimal digits of the SHA-256 of the canonical JSON of its files' digests
 * and of everything that says how they are run. Where it came from, when it was added and how it scored do not count.
 */
export function versionOfIdentity(identity: Identity): string {
  const { signature, preprocessing, decode, labels, variants, defaultVariant, normalisation } = identity;
  const files = Object.fromEntries(identity.files.map(({ path, digest }) => [path, digest]));
  const json = canonicalJson({
    files,
    signature,
    preprocessing,
    decode,
    labels,
    variants,
    defaultVariant,
    normalisation,
  });
  return digestOf(json).slice('sha256:'.length, 'sha256:'.length + versionDigits);
}

/** Size and digest of every file of a draft, in the order of their paths. */
function filesOf(draft: ModelDraft): ModelFile[] {
  return [...draft.files]
    .map(([path, bytes]) => ({ path, sizeBytes: bytes.byteLength, digest: digestOf(bytes) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The version that `publish` gives a draft. */
export const versionOf = (draft: ModelDraft): string => versionOfIdentity({ ...draft.manifest, files: filesOf(draft) });

/** The whole manifest of a draft under a name. */
export function manifestOf(name: string, draft: ModelDraft, createdAt: Date): ModelManifest {
  const files = filesOf(draft);
  const version = versionOfIdentity({ ...draft.manifest, files });
  return { v: 1, name, version, createdAt: createdAt.toISOString(), files, ...draft.manifest };
}
