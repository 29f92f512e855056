import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * Packages of others whose code is in the bundle, as far as it was not shaken out: what lists of contents (SBOMs) and of licences are made of.
 *
 * @param {import('esbuild').Metafile[]} metafiles
 * @param {string} root what their paths are relative to
 */
export function bundledPackages(metafiles, root) {
  /** By name and version: lazily loaded ones have absolute paths. */
  const packages = new Map();
  for (const { outputs } of metafiles)
    for (const { inputs } of Object.values(outputs))
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        const [, folder] = /^(?:lazy-package:)?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
        if (folder === undefined || bytesInOutput === 0) continue;
        const manifest = JSON.parse(readFileSync(resolve(root, folder, 'package.json'), 'utf8'));
        const { name, version, license, description, homepage, repository } = manifest;
        packages.set(`${name}@${version}`, { name, version, license, description, homepage, repository });
      }
  return [...packages.keys()].sort().map((key) => packages.get(key));
}
