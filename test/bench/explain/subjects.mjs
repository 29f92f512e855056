import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openRegistry } from '@rookery/models';
import { importModel } from '@rookery/optimizer';

const shared = process.env.ROOKERY_SHARED ?? fileURLToPath(new URL('../../../../shared', import.meta.url));
const asBirds = { range: '0..1', activation: 'none', kernel: 'bilinear-half-pixel', resize: 'stretch' };

/** Models by name: the one that comes along, and those of the shared folder where it is. */
export async function explainedModels(folder) {
  const registry = openRegistry({ folder });
  const add = async (name, path, labelsPath, options = {}) => {
    const labels = (await readFile(join(shared, labelsPath), 'utf8')).trimEnd().split('\n');
    const { draft } = await importModel(await readFile(join(shared, path)), { labels, source: path, ...options });
    await registry.publish(name, draft);
    return registry.load(name);
  };
  const content = await registry.load('content');
  try {
    return {
      content,
      birds: await add('birds', 'models/birds_v1/model.onnx', 'models/birds_v1/labels.txt', asBirds),
      'birds int8': await add('birds-int8', 'models/birds_v1/model.int8.onnx', 'models/birds_v1/labels.txt', asBirds),
      'imagenet-small': await add(
        'imagenet-small',
        'models/imagenet_small/model.tflite',
        'models/imagenet_small/labels.txt',
      ),
    };
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    console.error('content alone is measured: the other models (ROOKERY_SHARED) are not here');
    return { content };
  }
}
