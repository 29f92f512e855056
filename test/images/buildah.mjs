import { execFileSync } from 'node:child_process';
import process from 'node:process';

// Without an engine and without privileges beyond root's: files instead of mounts, chroot instead of namespaces.
process.env.STORAGE_DRIVER ??= 'vfs';
process.env.BUILDAH_ISOLATION ??= 'chroot';

export const buildah = 'buildah';

/** Runs a program and gives what it prints. Throws where it fails. */
export const run = (program, ...argv) =>
  execFileSync(program, argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 26 });
