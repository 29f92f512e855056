import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ServingModel } from '@rookery/contracts';
import { openRegistry, parseReference } from '@rookery/models';
import type { ModelOptions } from './model-options.ts';

/** The configured model, verified: from the registry, or imported in memory from a file, without any registry. */
export async function loadServingModel(options: ModelOptions): Promise<ServingModel> {
  const { config, cwd, signal } = options;
  const { model: reference, folder } = config.models;
  const { variant } = config.classify;
  const parsed = parseReference(reference);
  if (parsed.kind !== 'path') return openRegistry({ folder }).load(parsed, { variant, signal });
  const path = resolve(cwd, parsed.path);
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() === true;
  if (isFolder) return openRegistry({ folder }).load({ kind: 'path', path }, { variant, signal });
  const { importModelFile } = await import('./model-file.ts');
  return importModelFile(path, options);
}
