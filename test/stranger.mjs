// What somebody meets who has nothing but Node: a bare Debian (debootstrap), not root, a fresh clone. The README's commands, then the tutorials, whose curl is
// installed for them, from Debian.
//
//     node test/stranger.mjs [--commands 'demo;test'] [--keep]
//
// Needs root, debootstrap, git. With `demo` alone and the tutorials it takes a few minutes; with `test` as long as that does. The machine's resolver and
// certificates are shared, as any machine has its own.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { barest } from './images/base.mjs';

const { values } = parseArgs({
  options: { commands: { type: 'string', default: 'demo;test' }, keep: { type: 'boolean', default: false } },
});
const repository = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'rookery-stranger-'));
const root = join(folder, 'root');
const certificates = process.env.NODE_EXTRA_CA_CERTS;

const must = (program, ...argv) => {
  const { status, error } = spawnSync(program, argv, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`${program} ${argv.join(' ')} ended with ${status}`, { cause: error });
};
const environment = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  HOME: '/home/stranger',
  LANG: 'C.UTF-8',
  ...(certificates && { NODE_EXTRA_CA_CERTS: '/etc/stranger.pem' }),
};
/** A command line inside, as the stranger or as root. */
const inside = (line, { who = '1000:1000', env = {} } = {}) => {
  const all = Object.entries({ ...environment, ...env }).map(([name, value]) => `${name}=${value}`);
  const argv = [`--userspec=${who}`, root, '/usr/bin/env', '-i', ...all, '/bin/sh', '-c', line];
  return spawnSync('chroot', argv, { stdio: ['ignore', 'inherit', 'inherit'] }).status ?? 1;
};

let failed = false;
const step = (name, status, startedAt) => {
  console.log(`${status === 0 ? 'ok' : 'FAILED'}  ${name}  ${((Date.now() - startedAt) / 1_000).toFixed(1)} s`);
  failed ||= status !== 0;
};

try {
  mkdirSync(root);
  must('tar', '-C', root, '-xf', barest());
  must('mount', '-t', 'proc', 'proc', join(root, 'proc'));
  const home = join(root, 'home/stranger');
  mkdirSync(home, { recursive: true });
  copyFileSync('/etc/resolv.conf', join(root, 'etc/resolv.conf'));
  if (existsSync('/etc/hosts')) copyFileSync('/etc/hosts', join(root, 'etc/hosts'));
  if (certificates) copyFileSync(certificates, join(root, 'etc/stranger.pem'));
  // Its own, with no sight of the clone that this file lies in.
  must('git', 'clone', '--quiet', '--no-hardlinks', '--depth', '1', `file://${repository}`, join(home, 'rookery'));
  writeFileSync(
    join(root, 'etc/passwd'),
    'root:x:0:0::/root:/bin/sh\n_apt:x:42:65534::/nonexistent:/bin/false\nstranger:x:1000:1000::/home/stranger:/bin/sh\n',
  );
  must('chown', '-R', '1000:1000', home);
  must('chmod', '1777', join(root, 'tmp'));

  for (const command of values.commands.split(';')) {
    const startedAt = Date.now();
    step(`npx -y pnpm@10 ${command}`, inside(`cd ~/rookery && npx -y pnpm@10 ${command}`), startedAt);
  }
  const startedAt = Date.now();
  const curl = inside(
    'apt-get -qq update && apt-get -qq install -y --no-install-recommends curl ca-certificates > /dev/null 2>&1',
    {
      who: '0:0',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', DEBIAN_FRONTEND: 'noninteractive' },
    },
  );
  if (curl !== 0) throw new Error('curl cannot be installed there');
  const tutorials =
    'node node_modules/vitest/vitest.mjs run --config test/vitest.config.ts --project e2e test/e2e/docs.test.ts';
  step('the tutorials', inside(`cd ~/rookery && ${tutorials}`), startedAt);
} finally {
  spawnSync('umount', [join(root, 'proc')], { stdio: 'ignore' });
  if (!values.keep) rmSync(folder, { recursive: true, force: true });
  else console.log(folder);
}
process.exitCode = failed ? 1 : 0;
