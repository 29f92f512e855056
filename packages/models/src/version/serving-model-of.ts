import {
  type GraphSource,
  type ModelDraft,
  type ModelFile,
  type ModelManifest,
  RookeryError,
  type ServingModel,
} from '@rookery/contracts';
import { splitLabels } from './split-labels.ts';
import { manifestOf } from './version-of.ts';

/** How a version's files are come by, verified. */
export interface VersionReader {
  /** The graph of a variant, as its path stands in the manifest. */
  readonly graph: (path: string) => Promise<GraphSource>;
  readonly labels: (file: ModelFile) => Promise<Uint8Array>;
}

/**
 * One variant of a version (its default where none is wanted), ready to be run.
 * @throws {RookeryError} MODEL_NOT_FOUND for an unknown variant, MODEL_INVALID, those of the reader
 */
export async function servingModelOf(
  manifest: ModelManifest,
  wanted: string | undefined,
  read: VersionReader,
): Promise<ServingModel> {
  const name = wanted ?? manifest.defaultVariant;
  const variant = manifest.variants[name];
  if (!variant)
    throw new RookeryError('MODEL_NOT_FOUND', {
      detail: `${manifest.name}@${manifest.version} has no variant "${name}", only ${Object.keys(manifest.variants).join(', ')}`,
    });
  const labelsFile = fileOf(manifest, manifest.labels);
  const [graph, labels] = await Promise.all([read.graph(variant.path), read.labels(labelsFile)]);
  return {
    name: manifest.name,
    version: manifest.version,
    variant: name,
    format: variant.format,
    graph,
    input: manifest.signature.input,
    output: manifest.signature.output,
    preprocessing: manifest.preprocessing,
    decode: manifest.decode,
    stableBatch: variant.stableBatch,
    ...(variant.adapt && { adapt: variant.adapt }),
    ...(variant.sessionConfig && { sessionConfig: variant.sessionConfig }),
    labels: readLabels(labels, manifest),
    labelsDigest: labelsFile.digest,
  };
}

/** A draft as the registry would load it, had it been published under that name. Graphs that are folders have no bytes: MODEL_INVALID. */
export function servingModelOfDraft(
  name: string,
  draft: ModelDraft,
  wanted: string | undefined,
): Promise<ServingModel> {
  const manifest = manifestOf(name, draft, new Date(0));
  const bytesOf = async (path: string): Promise<Uint8Array> => {
    const bytes = draft.files.get(path);
    if (!bytes) throw notAmongFiles(manifest, path);
    return bytes;
  };
  return servingModelOf(manifest, wanted, {
    graph: async (path) => ({ bytes: await bytesOf(path), digest: fileOf(manifest, path).digest }),
    labels: ({ path }) => bytesOf(path),
  });
}

function fileOf(manifest: ModelManifest, path: string): ModelFile {
  const file = manifest.files.find((candidate) => candidate.path === path);
  if (!file) throw notAmongFiles(manifest, path);
  return file;
}

export const notAmongFiles = (manifest: ModelManifest, path: string): RookeryError =>
  new RookeryError('MODEL_INVALID', { detail: `${manifest.name}@${manifest.version}: ${path} is not among its files` });

function readLabels(bytes: Uint8Array, manifest: ModelManifest): string[] {
  const labels = splitLabels(bytes);
  const { classes } = manifest.signature.output;
  if (labels.length !== classes)
    throw new RookeryError('MODEL_INVALID', {
      detail: `${manifest.name}@${manifest.version}: ${labels.length} labels for ${classes} classes`,
    });
  return labels;
}
