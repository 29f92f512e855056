// The bases of the images, by digest.
//
//     node docker/bases.mjs refresh                  # asks the registries (docker buildx) and writes docker/bases.json
//     node docker/bases.mjs args FILE [--pinned]     # NAME=IMAGE@DIGEST for each base of a Dockerfile; --pinned: refuses one without a digest
//
// A digest is null until somebody who reaches the registries has run `refresh`: the workflow Bases does, each week, as a pull request.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const file = new URL('bases.json', import.meta.url);
const bases = JSON.parse(readFileSync(file, 'utf8'));

/** What `--build-arg` takes for each base that a Dockerfile of this folder names. */
export function baseArgs(dockerfile, { pinned = false } = {}) {
  const text = readFileSync(new URL(dockerfile, import.meta.url), 'utf8');
  const names = Array.from(text.matchAll(/^ARG (\w+_IMAGE)=/gm), ([, name]) => name);
  return names.map((name) => {
    const { image, digest } = bases[name];
    if (digest === null && pinned)
      throw new Error(`docker/bases.json has no digest of ${image}: run the workflow Bases`);
    return digest === null ? `${name}=${image}` : `${name}=${image}@${digest}`;
  });
}

function refresh() {
  for (const base of Object.values(bases)) {
    const argv = ['buildx', 'imagetools', 'inspect', base.image, '--format', '{{.Manifest.Digest}}'];
    const { status, stdout, stderr, error } = spawnSync('docker', argv, { encoding: 'utf8' });
    const digest = stdout?.trim() ?? '';
    if (status !== 0 || !/^sha256:[0-9a-f]{64}$/.test(digest))
      throw new Error(
        `docker does not say the digest of ${base.image}: ${error?.message ?? (stderr.trim() || digest)}`,
      );
    base.digest = digest;
  }
  const lines = Object.entries(bases).map(
    ([name, { image, digest }]) =>
      `  "${name}": { "image": ${JSON.stringify(image)}, "digest": ${JSON.stringify(digest)} }`,
  );
  writeFileSync(file, `{\n${lines.join(',\n')}\n}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [what, dockerfile, flag] = process.argv.slice(2);
  try {
    if (what === 'refresh') refresh();
    else if (what === 'args' && dockerfile)
      console.log(baseArgs(dockerfile, { pinned: flag === '--pinned' }).join('\n'));
    else throw new Error('usage: node docker/bases.mjs refresh | args Dockerfile [--pinned]');
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
