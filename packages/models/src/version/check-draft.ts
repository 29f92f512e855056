import { describeIssues, type ModelDraft, ModelManifest, ModelName, RookeryError } from '@rookery/contracts';
import { manifestFile } from '../folder/version-folder.ts';
import { signaturesFolder } from '../signing/signature-files.ts';
import { filesBelow } from './load-model.ts';
import { splitLabels } from './split-labels.ts';
import { manifestOf } from './version-of.ts';

/** Names that Windows keeps for devices, with any ending. */
const device = /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i;

/** A model's name, that every file system can hold. @throws {RookeryError} REFERENCE_INVALID */
export function checkName(name: string): void {
  const parsed = ModelName.safeParse(name);
  if (!parsed.success)
    throw new RookeryError('REFERENCE_INVALID', {
      detail: `"${name}": a model's name ${describeIssues(parsed.error)}`,
    });
  if (!isPortable(name)) throw new RookeryError('REFERENCE_INVALID', { detail: `"${name}" is no name on Windows` });
}

/** Whether Windows could hold a file of this name. */
export const isPortable = (segment: string): boolean => !device.test(segment) && !segment.endsWith('.');

/**
 * The manifest under which a draft is published, everything in it checked: its shape, that every file it speaks of is there, under a
 * path that every file system can hold, that there is a label for each class.
 * @throws {RookeryError} MODEL_INVALID, LABELS_INVALID
 */
export function checkDraft(name: string, draft: ModelDraft, createdAt: Date): ModelManifest {
  const parsed = ModelManifest.safeParse(manifestOf(name, draft, createdAt));
  if (!parsed.success) throw invalid(describeIssues(parsed.error), parsed.error);
  const manifest = parsed.data;
  const seen = new Set<string>();
  for (const { path } of manifest.files) {
    if (path === manifestFile) throw invalid(`a file may not be called ${manifestFile}`);
    if (path.startsWith(`${signaturesFolder}/`)) throw invalid(`${signaturesFolder}/ is kept for signatures`);
    if (path.split('/').some((part) => part === '' || part.startsWith('.') || !isPortable(part)))
      throw invalid(`"${path}" is no path that every file system can hold`);
    if (seen.has(path.toLowerCase())) throw invalid(`"${path}" differs from another file by case only`);
    seen.add(path.toLowerCase());
  }
  if (!manifest.variants[manifest.defaultVariant])
    throw invalid(`the default variant "${manifest.defaultVariant}" is not among the variants`);
  const graphs = Object.values(manifest.variants).map(({ path }) => path);
  for (const path of graphs)
    if (!draft.files.has(path) && filesBelow(manifest, path).length === 0)
      throw invalid(`${path} is not among its files`);
  checkLabels(manifest, draft.files.get(manifest.labels));
  return manifest;
}

function checkLabels(manifest: ModelManifest, bytes: Uint8Array | undefined): void {
  if (!bytes) throw invalid(`${manifest.labels} is not among its files`);
  const labels = splitLabels(bytes);
  const { classes } = manifest.signature.output;
  if (labels.length !== classes)
    throw new RookeryError('LABELS_INVALID', { detail: `${labels.length} labels for ${classes} classes` });
}

const invalid = (detail: string, cause?: unknown): RookeryError => new RookeryError('MODEL_INVALID', { detail, cause });
