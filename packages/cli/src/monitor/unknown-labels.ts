import { asRookeryError, type ModelManifest } from '@rookery/contracts';
import { parseLabels, type Registry } from '@rookery/models';

/** Labels that a version has no class for, each once; nothing where the version cannot be asked. */
export async function unknownLabels(
  registry: Registry,
  { name, version }: Pick<ModelManifest, 'name' | 'version'>,
  labels: Iterable<string>,
  signal: AbortSignal,
): Promise<string[]> {
  try {
    const { manifest, read } = await registry.open({ kind: 'registry', name, version });
    const file = manifest.files.find(({ path }) => path === manifest.labels);
    if (!file) return [];
    const chunks: Uint8Array[] = [];
    for await (const chunk of read(file, 0, signal)) chunks.push(chunk);
    const classes = new Set(parseLabels(Buffer.concat(chunks), file.path));
    return [...new Set(labels)].filter((label) => !classes.has(label));
  } catch (error) {
    // True labels are kept wherever they are given; the model need not be at hand.
    if (asRookeryError(error, 'INTERNAL').code === 'ABORTED') throw error;
    return [];
  }
}
