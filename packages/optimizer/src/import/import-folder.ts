import { RookeryError } from '@rookery/contracts';
import type { ReadFile } from '../tfgraph/checkpoint.ts';
import { importSavedModel } from '../tfgraph/import-tensorflow.ts';
import { importTfjsModel } from '../tfjs/import-graph-model.ts';
import type { Imported } from './import-graph.ts';
import type { ImportOptions } from './import-options.ts';

/**
 * Imports a model that is a folder: a SavedModel (`saved_model.pb`) or a TensorFlow.js model (`model.json`). `read` gives a file by its
 * path in the folder, `undefined` where there is none.
 * @throws {RookeryError} as `importModel`.
 */
export async function importFolder(read: ReadFile, options: ImportOptions): Promise<Imported> {
  if (await read('saved_model.pb')) return importSavedModel(read, options);
  if (await read('model.json')) return importTfjsModel(read, options);
  throw new RookeryError('FORMAT_NOT_YET_IMPORTED', {
    detail: `${options.source} is a folder with neither a saved_model.pb nor a model.json`,
  });
}
