import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

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
        packages.set(`${manifest.name}@${manifest.version}`, { folder: resolve(root, folder), manifest });
      }
  return [...packages.keys()].sort().map((key) => packages.get(key));
}

/** What an SBOM says of them. */
export const listOf = (packages) =>
  packages.map(({ manifest: { name, version, license, description, homepage, repository } }) => ({
    name,
    version,
    license,
    description,
    homepage,
    repository,
  }));

/** Their licences, as those ask for; one text that many share stands once. */
export function licencesOf(packages) {
  const texts = new Map();
  for (const { folder, manifest } of packages) {
    const names = readdirSync(folder).filter((name) => /^(?:licen[cs]e|notice|copying)(?:[.-].*)?$/i.test(name));
    const text = names.map((name) => readFileSync(join(folder, name), 'utf8').trim()).join('\n\n');
    const key = text || `${manifest.license}; the package has no text of it.`;
    texts.set(key, [...(texts.get(key) ?? []), `${manifest.name} ${manifest.version}`]);
  }
  const line = '-'.repeat(80);
  return [...texts].map(([text, names]) => `${line}\n${names.join('\n')}\n\n${text}\n`).join('\n');
}
