import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { registryPictures } from '../pictures/registry-pictures.mjs';

const shared = process.env.ROOKERY_SHARED ?? fileURLToPath(new URL('../../../../shared', import.meta.url));

/** Real pictures: the five birds, and what registries carry, with no bird in them. */
export async function sourcePictures() {
  const folder = join(shared, 'pictures/birds');
  const birds = (await readdir(folder)).sort().map((name) => ({ name, bird: true, path: join(folder, name) }));
  const { pictures, missing } = await registryPictures();
  if (missing) console.error(`only the pictures of npm are here: ${missing}`);
  const others = pictures.map((it) => ({ ...it, bird: false }));
  return [...(await Promise.all(birds.map(async (it) => ({ ...it, bytes: await readFile(it.path) })))), ...others];
}
