import { readFile } from 'node:fs/promises';
import { Digest, ModelManifest, ModelName, Preprocessing, RookeryError } from '@rookery/contracts';
import * as z from 'zod';
import { isMissing } from '../folder/version-folder.ts';

/** A file of a catalogued model. Its bytes are known in advance, wherever they come from. */
const CataloguedFile = z.strictObject({
  /** The name below `ROOKERY_CATALOG_MIRROR`. */
  file: z.string().regex(/^[\w.-]{1,200}$/),
  address: z.url({ protocol: /^https$/ }),
  digest: Digest,
  sizeBytes: z.int().min(1),
});
export type CataloguedFile = z.infer<typeof CataloguedFile>;

const CataloguedModel = CataloguedFile.extend({
  name: ModelName,
  /** One line: what it tells apart. */
  title: z.string(),
  format: z.enum(['tflite', 'onnx']),
  /** An SPDX identifier. */
  licence: z.string(),
  /** In index order, one a line. */
  labels: CataloguedFile.extend({ classes: z.int().min(1) }),
  preprocessing: Preprocessing,
  /** What the model's input wants of pixels from 0 to 255; TFLite files say it themselves. */
  normalisation: ModelManifest.shape.normalisation,
});
/** A public model that can be added by its name. */
export type CataloguedModel = z.infer<typeof CataloguedModel>;

const Catalog = z.strictObject({ v: z.literal(1), models: z.array(CataloguedModel) });

/** The catalogue that ships with Rookery, in the order of the file. */
export async function readCatalog(): Promise<CataloguedModel[]> {
  // Beside the program that this package is bundled into, else in this package.
  const text = (await readIfThere(new URL('./catalog.json', import.meta.url))) ?? (await readFile(ours, 'utf8'));
  return Catalog.parse(JSON.parse(text)).models;
}

const ours = new URL('../../catalog.json', import.meta.url);

async function readIfThere(address: URL): Promise<string | undefined> {
  try {
    return await readFile(address, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** @throws {RookeryError} MODEL_NOT_FOUND with the names that there are. */
export async function findCatalogued(name: string): Promise<CataloguedModel> {
  const models = await readCatalog();
  const found = models.find((model) => model.name === name);
  if (found) return found;
  throw new RookeryError('MODEL_NOT_FOUND', {
    detail: `"${name}" is not in the catalogue: ${models.map((model) => model.name).join(', ')}`,
  });
}
