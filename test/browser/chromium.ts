import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from '../services/cache.ts';
import { onPath, runCommand } from '../services/run-command.ts';

/** A browser that can be started. Plain data. */
export interface Chromium {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
  readonly from: 'environment' | 'path' | 'cache';
}

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const knownPlaces = ['/usr/lib/chromium/chromium', '/opt/google/chrome/chrome', '/snap/bin/chromium'];

/** The one that `ROOKERY_TEST_CHROMIUM` names, one that is installed, or Debian's own. @throws where none can be had */
export async function findChromium(): Promise<Chromium> {
  const given = process.env.ROOKERY_TEST_CHROMIUM;
  if (given) return { command: given, env: {}, from: 'environment' };
  const found = names.map(onPath).find(Boolean) ?? knownPlaces.find((path) => existsSync(path));
  if (found) return { command: found, env: {}, from: 'path' };
  if (!onPath('apt-get') || !onPath('dpkg')) throw new Error('no Chromium here, and no apt-get to fetch it with');
  return fromCache(await cached('chromium', fetchChromium));
}

/** Debian's own packages with all that they need and this machine lacks, unpacked without being installed. */
async function fetchChromium(folder: string): Promise<void> {
  const archives = join(folder, 'apt', 'archives');
  const lists = join(folder, 'lists');
  await mkdir(join(archives, 'partial'), { recursive: true });
  await mkdir(join(lists, 'partial'), { recursive: true });
  const own = [
    ...['-o', 'APT::Sandbox::User=root'],
    ...['-o', 'Debug::NoLocking=1'],
    ...['-o', `Dir::Cache=${join(folder, 'apt')}`],
  ];
  const packages = ['chromium', 'fonts-dejavu-core', 'fontconfig-config'];
  const download = ['install', '-y', '--no-install-recommends', '--download-only', ...packages];
  try {
    await runCommand('apt-get', [...own, ...download], { timeoutMs: 300_000 });
  } catch {
    // No package lists yet, or old ones: fetch them to a place of our own, which needs no root.
    const fresh = [...own, '-o', `Dir::State::lists=${lists}`];
    await runCommand('apt-get', [...fresh, 'update', '-qq'], { timeoutMs: 120_000 });
    await runCommand('apt-get', [...fresh, ...download], { timeoutMs: 300_000 });
  }
  for (const name of await readdir(archives)) {
    if (name.endsWith('.deb')) await runCommand('dpkg', ['-x', join(archives, name), folder]);
  }
  for (const used of ['apt', 'lists']) await rm(join(folder, used), { recursive: true, force: true });
  await writeFile(
    join(folder, 'fonts.conf'),
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir prefix="relative">usr/share/fonts</dir><dir>/usr/share/fonts</dir></fontconfig>\n`,
  );
}

async function fromCache(folder: string): Promise<Chromium> {
  const lib = join(folder, 'usr', 'lib');
  const architecture = (await readdir(lib)).find((name) => name.endsWith('-linux-gnu')) ?? '';
  const libraries = [join(lib, architecture), join(lib, architecture, 'pulseaudio'), join(folder, 'lib', architecture)];
  return {
    command: join(lib, 'chromium', 'chromium'),
    env: { LD_LIBRARY_PATH: libraries.join(':'), FONTCONFIG_FILE: join(folder, 'fonts.conf') },
    from: 'cache',
  };
}
