import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { cached, unpackDebian } from '../../services/for-node.mjs';

const packageName = 'tuxpaint-stamps-default';
const inPackage = 'usr/share/tuxpaint/stamps/animals/birds';

/**
 * Photographs of 35 birds, one of a species or so, that a package of Debian's carries (Tux Paint's stamps, GPL-2, 160 MB): small, cut out, here on white.
 * Fetched into the tests' cache the first time; they are measured with, and go nowhere.
 * @returns [{ name, path, bytes }]; without apt-get none, and what went wrong in `missing`.
 */
export async function birdStamps() {
  try {
    const folder = await cached('bird-stamps', fetchAll);
    const names = (await readdir(folder)).sort();
    const pictures = await Promise.all(
      names.map(async (name) => ({ name, path: join(folder, name), bytes: await readFile(join(folder, name)) })),
    );
    return { pictures };
  } catch (error) {
    return { pictures: [], missing: error.message };
  }
}

async function fetchAll(folder) {
  const { default: sharp } = await import('sharp');
  const unpacked = await mkdtemp(join(os.tmpdir(), 'rookery-pictures-'));
  try {
    await unpackDebian(unpacked, [packageName]);
    const birds = join(unpacked, inPackage);
    // What is drawn has a folder of its own.
    const names = (await readdir(birds)).filter((name) => name.endsWith('.png'));
    if (names.length === 0) throw new Error(`${packageName} has no birds`);
    await mkdir(folder, { recursive: true });
    for (const name of names) {
      const stamp = sharp(await readFile(join(birds, name))).flatten({ background: '#fff' });
      await stamp.png().toFile(join(folder, name));
    }
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
}
