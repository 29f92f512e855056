import { canonicalJson, type ModelManifest } from '@rookery/contracts';
import type { Reference } from '../reference/reference.ts';
import type { Registry } from '../registry.ts';
import { splitLabels } from './split-labels.ts';
import { verifiedChunks } from './verified-chunks.ts';
import type { VersionContents } from './version-contents.ts';

/** One thing in which two versions differ. `undefined` on the side that lacks it. */
export interface Difference {
  /** `files`, `labels`, `preprocessing`, `metrics`, ... */
  readonly section: string;
  readonly what: string;
  readonly from: unknown;
  readonly to: unknown;
}

/** A version in a registry of its own. */
export interface VersionAt {
  readonly registry: Registry;
  readonly reference: string | Reference;
}

/** In what two versions differ, be they in one registry or in two: files, labels, how pictures are prepared, metrics, origin. */
export async function diffVersions(from: VersionAt, to: VersionAt, signal?: AbortSignal): Promise<Difference[]> {
  const [left, right] = await Promise.all([from.registry.open(from.reference), to.registry.open(to.reference)]);
  const labels = await Promise.all([labelsOf(left, signal), labelsOf(right, signal)]);
  return [...diffManifests(left.manifest, right.manifest), ...diffMaps('labels', ...labels)];
}

function diffManifests(left: ModelManifest, right: ModelManifest): Difference[] {
  const sections = (manifest: ModelManifest): Record<string, Record<string, unknown>> => ({
    version: { name: manifest.name, version: manifest.version, createdAt: manifest.createdAt },
    files: Object.fromEntries(manifest.files.map(({ path, sizeBytes, digest }) => [path, { sizeBytes, digest }])),
    signature: flat(manifest.signature),
    preprocessing: { ...manifest.preprocessing, decode: manifest.decode },
    variants: { ...manifest.variants, default: manifest.defaultVariant },
    normalisation: manifest.normalisation,
    metrics: manifest.metrics ?? {},
    provenance: manifest.provenance,
  });
  const [one, other] = [sections(left), sections(right)];
  return Object.keys(one).flatMap((section) => diffMaps(section, one[section] ?? {}, other[section] ?? {}));
}

const flat = (signature: ModelManifest['signature']): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(signature).flatMap(([side, values]) =>
      Object.entries(values).map(([name, value]) => [`${side}.${name}`, value]),
    ),
  );

function diffMaps(
  section: string,
  left: Readonly<Record<string, unknown>>,
  right: Readonly<Record<string, unknown>>,
): Difference[] {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names]
    .filter((what) => canonicalJson([left[what] ?? null]) !== canonicalJson([right[what] ?? null]))
    .map((what) => ({ section, what, from: left[what], to: right[what] }));
}

async function labelsOf({ manifest, read }: VersionContents, signal?: AbortSignal): Promise<Record<string, string>> {
  const file = manifest.files.find(({ path }) => path === manifest.labels);
  if (!file) return {};
  const chunks: Uint8Array[] = [];
  for await (const chunk of verifiedChunks(read(file, 0, signal), file, manifest.name)) chunks.push(chunk);
  return Object.fromEntries(splitLabels(Buffer.concat(chunks)).map((label, index) => [String(index), label]));
}
