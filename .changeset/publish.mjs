// Publishes what is not on npm yet. Its provenance names the repository, so the packages do, too; only the workflow knows which one it is.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const { GITHUB_SERVER_URL, GITHUB_REPOSITORY } = process.env;
if (!GITHUB_REPOSITORY) throw new Error('only the workflow publishes');
const packages = new URL('../packages/', import.meta.url);
for (const name of readdirSync(packages, { withFileTypes: true }).flatMap((each) =>
  each.isDirectory() ? each.name : [],
)) {
  const url = new URL(`${name}/package.json`, packages);
  const manifest = JSON.parse(readFileSync(url, 'utf8'));
  const repository = {
    type: 'git',
    url: `git+${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}.git`,
    directory: `packages/${name}`,
  };
  writeFileSync(url, `${JSON.stringify({ ...manifest, repository }, null, 2)}\n`);
}
execFileSync('npx', ['-y', '@changesets/cli@2.29.7', 'publish'], {
  cwd: fileURLToPath(new URL('../', packages)),
  stdio: 'inherit',
  env: { ...process.env, NPM_CONFIG_PROVENANCE: 'true' },
});
