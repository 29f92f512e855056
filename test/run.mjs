// `pnpm test [vitest's own...]`: builds and checks while the servers of the tests are fetched, then runs all tests but those of the
// page in a browser, of whole models and of what goes wrong, which have commands of their own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const fileOf = (path) => fileURLToPath(new URL(path, import.meta.url));
const node = (args, options) => spawn(process.execPath, args, { cwd: fileOf('..'), stdio: 'inherit', ...options });
const statusOf = async (child) => (await once(child, 'exit'))[0] ?? 1;

/** pnpm is what runs this; where it is a program of its own, not one of Node's, it is named the same. */
const pnpm = process.env.npm_execpath ?? '';
const script = (name) =>
  /\.[cm]?js$/.test(pnpm)
    ? node([pnpm, '--silent', 'run', name])
    : spawn(pnpm || 'pnpm', ['--silent', 'run', name], { cwd: fileOf('..'), stdio: 'inherit' });

const fetching = node([fileOf('services/fetch.mjs')], { stdio: 'ignore' });
const fetched = statusOf(fetching);
let status = await statusOf(script('build'));
if (status === 0) status = await statusOf(script('check'));
if (status === 0) {
  await fetched;
  const projects = ['unit', 'services', 'e2e'].flatMap((name) => ['--project', name]);
  const vitest = [fileOf('../node_modules/vitest/vitest.mjs'), 'run', '--config', fileOf('vitest.config.ts')];
  status = await statusOf(node([...vitest, ...projects, ...process.argv.slice(2)]));
}
fetching.kill();
process.exit(status);
