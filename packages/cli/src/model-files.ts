import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve, sep } from 'node:path';
import { RookeryError } from '@rookery/contracts';

/** Gives a file of a model's folder by its path there; `undefined` where there is none. */
export type ReadModelFile = (path: string) => Promise<Uint8Array | undefined>;

/** A model as it lies on this machine: one file, or a SavedModel or TensorFlow.js model, which is several. */
export type ModelFiles =
  | { readonly kind: 'file'; readonly path: string; readonly beside: ReadModelFile }
  | { readonly kind: 'folder'; readonly folder: string; readonly read: ReadModelFile };

const savedModel = 'saved_model.pb';
const description = 'model.json';
/** What the importers of folders begin with. */
export const folderMains: readonly string[] = [savedModel, description];

/** Models that are one file. */
const single = /\.(onnx|tflite|keras|h5|hdf5|pb)$/;

/**
 * What is there; of a folder with one model file in it, that file. `undefined` for nothing, for a folder without a model of these kinds or
 * with several, and for a version of a registry.
 */
export async function findModelFiles(path: string): Promise<ModelFiles | undefined> {
  const stats = await stat(path).catch(() => undefined);
  if (stats?.isDirectory()) {
    const mains = await Promise.all(folderMains.map((name) => stat(join(path, name)).catch(() => undefined)));
    if (mains.some((main) => main?.isFile())) return { kind: 'folder', folder: path, read: readerOf(path) };
    const only = await onlyModelIn(path);
    return only === undefined ? undefined : { kind: 'file', path: join(path, only), beside: readerOf(path) };
  }
  if (!stats) return undefined;
  const folder = dirname(path);
  if (basename(path) === savedModel) return { kind: 'folder', folder, read: readerOf(folder) };
  // TensorFlow.js calls it model.json, people call it anything.
  if (extname(path) !== '.json') return { kind: 'file', path, beside: readerOf(folder) };
  const beside = readerOf(folder);
  const names = new Map([[description, basename(path)]]);
  const read: ReadModelFile = async (name) => (name === savedModel ? undefined : beside(names.get(name) ?? name));
  return { kind: 'folder', folder, read };
}

async function onlyModelIn(folder: string): Promise<string | undefined> {
  const names = await readdir(folder);
  const [only, ...others] = names.filter((name) => single.test(name));
  return others.length === 0 && !names.includes('manifest.json') ? only : undefined;
}

/** Reads below the folder only. @throws {RookeryError} MODEL_INVALID, SOURCE_UNREADABLE */
function readerOf(folder: string): ReadModelFile {
  return async (path) => {
    const file = resolve(folder, path);
    if (!file.startsWith(`${folder}${sep}`))
      throw new RookeryError('MODEL_INVALID', {
        detail: `the model names ${JSON.stringify(path)}, outside its folder`,
      });
    return readFile(file).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return undefined;
      throw new RookeryError('SOURCE_UNREADABLE', { detail: file, cause });
    });
  };
}
