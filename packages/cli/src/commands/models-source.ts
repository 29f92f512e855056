import { readFile, stat } from 'node:fs/promises';
import { basename, join, posix, resolve } from 'node:path';
import { type ModelManifest, RookeryError } from '@rookery/contracts';
import { fetchCatalogued, openArtifact, parseLabels, parseReference, type Reference } from '@rookery/models';
import type { ImportOptions } from '@rookery/optimizer';
import { type KnownOfModel, knownOfModel, readLabels } from '../beside/known-of-model.ts';
import type { CommandContext } from '../context.ts';
import { findModelFiles, folderMains, type ModelFiles, type ReadModelFile } from '../model-files.ts';
import { modelNameOf } from '../model-name.ts';
import { registryFlags } from '../registry.ts';
import { wandbOptionsOf } from '../wandb.ts';
import type { AddOptions } from './models-add-flags.ts';
import { sizeText } from './models-registry.ts';

/** A model file with all that is known beside it. */
interface ModelSource {
  /** The file's bytes, or how files of a folder are read. */
  readonly model: Uint8Array | ReadModelFile;
  /** Weights that lie in files beside the model's. */
  readonly beside?: ReadModelFile;
  readonly labels: readonly string[];
  /** Where it came from, never a path of this machine. */
  readonly source: string;
  /** What it is called where nobody says otherwise. */
  readonly name: string;
  readonly known: Partial<ImportOptions>;
}

/** Says something on the way, on stderr. */
type Notice = (text: string) => Promise<void>;

/** A file of this machine, or a model of the catalogue, downloaded and verified. */
export async function openSource(
  text: string,
  options: AddOptions,
  context: CommandContext,
  notice: Notice,
): Promise<ModelSource> {
  const path = resolve(context.cwd, text);
  const found = await findModelFiles(path);
  if (found?.kind === 'file') return fromFile(path, found, options, context, notice);
  if (found?.kind === 'folder') return fromFolder(path, found, options, context, notice);
  if (await stat(path).catch(() => undefined))
    throw new RookeryError('FORMAT_NOT_YET_IMPORTED', {
      detail: `${path} is a folder with neither a saved_model.pb nor a model.json, nor one model file alone`,
    });
  const reference = parseReference(text);
  switch (reference.kind) {
    case 'path':
      throw new RookeryError('MODEL_NOT_FOUND', { detail: `there is no file ${path}` });
    case 'registry':
      if (reference.alias === undefined && reference.version === undefined)
        return fromCatalogue(reference.name, options, context, notice);
      throw new RookeryError('REFERENCE_INVALID', { detail: `${text} is a version of the registry already` });
    case 'wandb':
      return fromArtifact(reference, options, context, notice);
    case 's3':
      throw new RookeryError('REFERENCE_INVALID', {
        detail: `${text}: \`rookery models pull\` copies a version of a registry; a model file is added from this machine`,
      });
  }
}

/** `named`: the file, or the folder in which it is alone. */
async function fromFile(
  named: string,
  { path, beside }: Extract<ModelFiles, { kind: 'file' }>,
  options: AddOptions,
  context: CommandContext,
  notice: Notice,
): Promise<ModelSource> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new RookeryError('SOURCE_UNREADABLE', { detail: path, cause });
  });
  const { labels, known } = await knownBeside(path, options, context, notice, () => Promise.resolve(bytes));
  const source = basename(path);
  const name = modelNameOf(basename(named));
  if (options.name === undefined) await notice(`name: ${name} (that of the ${named === path ? 'file' : 'folder'})`);
  return { model: bytes, beside, labels, source, name, known };
}

/** A SavedModel or a TensorFlow.js model; nothing outside the folder is read. */
async function fromFolder(
  path: string,
  { folder, read }: Extract<ModelFiles, { kind: 'folder' }>,
  options: AddOptions,
  context: CommandContext,
  notice: Notice,
): Promise<ModelSource> {
  const { labels, known } = await knownBeside(join(folder, 'model'), options, context, notice);
  const hasOwnName = path !== folder && !folderMains.includes(basename(path));
  const source = basename(hasOwnName ? path : folder);
  if (options.name === undefined)
    await notice(`name: ${modelNameOf(source)} (that of the ${hasOwnName ? 'file' : 'folder'})`);
  return { model: read, labels, source, name: modelNameOf(source), known };
}

/** A model that somebody logged with Weights & Biases: a SavedModel, a TensorFlow.js model, or one model file. */
async function fromArtifact(
  reference: Extract<Reference, { kind: 'wandb' }>,
  options: AddOptions,
  context: CommandContext,
  notice: Notice,
): Promise<ModelSource> {
  const wandb = await wandbOptionsOf(await context.config({ models: registryFlags(options) }));
  const { address, paths, read } = await openArtifact(wandb, reference, context.signal);
  const main = mainFileOf(paths);
  if (main === undefined)
    throw new RookeryError('MODEL_INVALID', {
      detail: `${address} holds no model that is known: ${paths.slice(0, 5).join(', ')}`,
    });
  const folder = posix.dirname(main);
  const labelsFile = posix.join(folder, 'labels.txt');
  if (options.labels === undefined && !paths.includes(labelsFile))
    throw new RookeryError('LABELS_INVALID', { detail: `--labels is missing, and ${address} has no ${labelsFile}` });
  const labels =
    options.labels === undefined
      ? parseLabels((await read(labelsFile)) ?? new Uint8Array(), labelsFile)
      : await readLabels(resolve(context.cwd, options.labels));
  const name = modelNameOf(`${reference.artifact}.artifact`);
  if (options.name === undefined) await notice(`name: ${name} (that of the artifact)`);
  const isFolder = folderMains.includes(posix.basename(main));
  const beside = (path: string) => read(posix.join(folder, path));
  const model = isFolder ? beside : ((await read(main)) ?? new Uint8Array());
  return { model, beside, labels, source: address, name, known: {} };
}

/** What an importer begins with. */
const mainFileOf = (paths: readonly string[]): string | undefined =>
  paths.find((path) => /(^|\/)(saved_model\.pb|model\.json)$/.test(path)) ??
  paths.find((path) => /\.(onnx|tflite|pb|keras|h5|hdf5)$/.test(path));

/** Labels and preprocessing by what was given, or lies beside the model or inside it. */
async function knownBeside(
  model: string,
  { labels }: AddOptions,
  context: CommandContext,
  notice: Notice,
  bytes: () => Promise<Uint8Array | undefined> = () => Promise.resolve(undefined),
): Promise<KnownOfModel> {
  const given = labels === undefined ? undefined : resolve(context.cwd, labels);
  const found = await knownOfModel(model, given, bytes);
  for (const note of found.notes) await notice(note);
  return found;
}

async function fromCatalogue(
  name: string,
  options: AddOptions,
  context: CommandContext,
  notice: Notice,
): Promise<ModelSource> {
  const given = options.labels === undefined ? undefined : await readLabels(resolve(context.cwd, options.labels));
  const { models } = await context.config({ models: { folder: options.models } });
  const { entry, model, labels } = await fetchCatalogued(name, {
    mirror: models.catalogMirror,
    withoutLabels: given !== undefined,
    signal: context.signal,
  });
  await notice(`${entry.title} (${entry.licence}), ${sizeText(model.byteLength)}, downloaded and verified`);
  const { width, height, resize, kernel } = entry.preprocessing;
  const known = { width, height, resize, kernel, licence: entry.licence, ...normalisationOf(entry.normalisation) };
  return {
    model,
    labels: given ?? parseLabels(labels, entry.labels.file),
    source: entry.address,
    name: entry.name,
    known,
  };
}

function normalisationOf({ layout, channels, scale, mean, std }: ModelManifest['normalisation']) {
  const triple = ([first = 0, second = 0, third = 0]: readonly number[]) => [first, second, third] as const;
  return { layout, channels, scale, mean: triple(mean), std: triple(std) };
}
