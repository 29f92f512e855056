// Loads a file of the tests in a program that runs without a transform.
import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

// Among the installed packages, so that git does not see it and imports resolve as they do from here.
const folder = fileURLToPath(new URL('../node_modules/.services/', import.meta.url));

/** @param {string} name of a file of this folder */
export async function bundled(name) {
  const outfile = `${folder}${name}.${process.pid}.mjs`;
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [fileURLToPath(new URL(name, import.meta.url))],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
  });
  const loaded = await import(pathToFileURL(outfile).href);
  rmSync(outfile);
  return loaded;
}
