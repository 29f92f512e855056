import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openRegistry } from '@rookery/models';
import { importModel } from '@rookery/optimizer';

const shared = process.env.ROOKERY_SHARED ?? fileURLToPath(new URL('../../../../shared', import.meta.url));

/**
 * The five birds and their model: the file for the plain script, registered with the original's kernel for the classifier.
 * `undefined` where they are not at hand.
 */
export async function findSubjects(folder) {
  const pictures = join(shared, 'pictures/birds');
  const modelPath = join(shared, 'models/birds_v1/model.onnx');
  const labelsPath = join(shared, 'models/birds_v1/labels.txt');
  let names;
  try {
    names = (await readdir(pictures)).sort();
  } catch {
    return undefined;
  }
  const paths = names.map((name) => join(pictures, name));
  const labels = (await readFile(labelsPath, 'utf8')).trimEnd().split('\n');
  const { draft } = await importModel(await readFile(modelPath), {
    labels,
    source: 'model.onnx',
    range: '0..1',
    activation: 'none',
    kernel: 'bilinear-half-pixel',
    resize: 'stretch',
  });
  const registryFolder = join(folder, 'models');
  const registry = openRegistry({ folder: registryFolder });
  await registry.publish('birds', draft);
  return { paths, modelPath, labelsPath, registryFolder, model: await registry.load('birds') };
}
