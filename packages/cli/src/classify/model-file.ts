import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { RookeryError, type ServingModel } from '@rookery/contracts';
import { servingModelOfDraft } from '@rookery/models';
import { knownOfModel } from '../beside/known-of-model.ts';
import type { ModelFiles, ReadModelFile } from '../model-files.ts';
import { modelNameOf } from '../model-name.ts';
import { importCache } from './import-cache.ts';
import type { ModelOptions } from './model-options.ts';

/** Imports a model file in memory. @throws MODEL_NOT_FOUND, MODEL_INVALID, LABELS_INVALID, FORMAT_NOT_YET_IMPORTED */
export async function importModelFile(path: string, files: ModelFiles, options: ModelOptions): Promise<ServingModel> {
  const { labels: labelsPath, cwd, notice, config } = options;
  const inside = files.kind === 'folder' ? join(files.folder, 'model') : path;
  const given = labelsPath === undefined ? undefined : resolve(cwd, labelsPath);
  const {
    labels,
    known: said,
    notes: found,
  } = await knownOfModel(inside, given, async () =>
    files.kind === 'file' ? await readFile(path).catch(missing(path)) : undefined,
  );
  const name = modelNameOf(path);
  const identity = await identityOf(files);
  const cache = importCache(join(config.models.cache, 'imports'), { file: identity, labels, name, said });
  const { variant } = config.classify;
  const known = await cache.read(variant);
  const tell = (notes: readonly string[]) => {
    for (const note of notes) notice(`${basename(path)}: ${note}`);
  };
  tell(found);
  if (known) {
    tell(known.notes);
    return known.model;
  }
  const { importFolder, importModel } = await import('@rookery/optimizer');
  const about = { ...said, labels, source: basename(path) };
  let isWhole = true;
  const besideOf =
    (read: ReadModelFile): ReadModelFile =>
    (file) => {
      isWhole = false;
      return read(file);
    };
  const { draft, notes } = await (files.kind === 'folder'
    ? importFolder(files.read, about)
    : importModel(await readFile(path).catch(missing(path)), about, besideOf(files.beside)));
  tell(notes);
  // Weights in other files may change without it.
  if (isWhole) await cache.keep(draft, notes);
  return servingModelOfDraft(name, draft, variant);
}

const missing =
  (path: string) =>
  (cause: unknown): never => {
    throw new RookeryError('MODEL_NOT_FOUND', { detail: path, cause });
  };

/** Changes whenever a file does: nobody can set the time of its last change (`ctime`). Reading the files would take longer than everything else. */
async function identityOf(files: ModelFiles): Promise<string> {
  if (files.kind === 'file') return stateOf(files.path);
  const names = await readdir(files.folder, { recursive: true, withFileTypes: true });
  const paths = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(paths.sort().map(stateOf))).join('\n');
}

async function stateOf(path: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true }).catch(missing(path));
  return [path, dev, ino, size, mtimeNs, ctimeNs].join(':');
}
