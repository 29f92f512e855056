import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { RookeryError, type ServingModel } from '@rookery/contracts';
import { parseReference } from '@rookery/models';
import { findModelFiles } from '../model-files.ts';
import { openRegistryOf } from '../registry.ts';
import type { ModelOptions } from './model-options.ts';

/** The configured model, verified: from the registry, or imported in memory from a file, without any registry. */
export async function loadServingModel(options: ModelOptions): Promise<ServingModel> {
  const { config, cwd, signal } = options;
  const { model: reference, requireSigned } = config.models;
  const { variant } = config.classify;
  const parsed = parseReference(reference);
  if (parsed.kind !== 'path') {
    await using registry = await openRegistryOf(config, cwd);
    return await registry.load(parsed, { variant, signal });
  }
  const path = resolve(cwd, parsed.path);
  const files = await findModelFiles(path);
  if (!files && (await stat(path).catch(() => undefined))?.isDirectory()) {
    await using registry = await openRegistryOf(config, cwd);
    return await registry.load({ kind: 'path', path }, { variant, signal });
  }
  if (requireSigned !== undefined)
    throw new RookeryError('SIGNATURE_INVALID', {
      detail: `${path} is a model file: only what is registered is signed`,
    });
  if (!files) throw new RookeryError('MODEL_NOT_FOUND', { detail: path });
  const { importModelFile } = await import('./model-file.ts');
  return importModelFile(files.kind === 'file' ? files.path : path, files, options);
}
