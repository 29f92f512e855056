// The next version of all packages by their changesets, and of what has no package of its own: the root, the chart, the compose file, the fleet's
// default and what is expected of it.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
const run = (...argv) => execFileSync('npx', ['-y', ...argv], { cwd: fileURLToPath(root), stdio: 'inherit' });
const versionOf = (path) => JSON.parse(readFileSync(new URL(path, root), 'utf8')).version;

const before = versionOf('package.json');
run('@changesets/cli@2.29.7', 'version');
const after = versionOf('packages/cli/package.json');
const places = [
  ['package.json', `"version": "${before}"`],
  ['docker/helm/rookery/Chart.yaml', `version: ${before}`],
  ['docker/helm/rookery/Chart.yaml', `appVersion: ${before}`],
  ['docker/compose.yaml', `:${before}`],
  ['packages/autoscale/src/deploy/deployment-config.ts', `.default('${before}')`],
  ['packages/cli/src/version.ts', `'${before}'`],
  ['docs/kubernetes.md', `:${before}`],
  ['docs/tutorials/aws.md', `:${before}`],
  ['docs/aws.md', `\`${before}\``],
  ...['gpu', 'small', 'spot'].flatMap((preset) =>
    ['worker', 'producer', 'api'].map((image) => [`infra/test/snapshots/${preset}.json`, `rookery-${image}:${before}`]),
  ),
];
for (const [path, text] of before === after ? [] : places) {
  const url = new URL(path, root);
  const contents = readFileSync(url, 'utf8');
  if (!contents.includes(text)) throw new Error(`${path} does not say ${text}`);
  writeFileSync(url, contents.replaceAll(text, text.replace(before, after)));
}
run('pnpm@10.34.9', 'install', '--lockfile-only');
