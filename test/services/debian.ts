import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { onPath, runCommand } from './run-command.ts';

/** Debian's own packages, unpacked into a folder without being installed. Rejects where there is no apt-get. */
export async function unpackDebian(folder: string, packages: readonly string[]): Promise<void> {
  if (!onPath('apt-get') || !onPath('dpkg')) throw new Error('no apt-get to fetch it with');
  const sandbox = ['-o', 'APT::Sandbox::User=root'];
  try {
    await runCommand('apt-get', [...sandbox, 'download', ...packages], { cwd: folder });
  } catch {
    // No package lists yet, or old ones: fetch them to a place of our own, which needs no root.
    const lists = join(folder, 'lists');
    await mkdir(join(lists, 'partial'), { recursive: true });
    const own = [...sandbox, '-o', `Dir::State::lists=${lists}`, '-o', `Dir::Cache=${join(folder, 'apt')}`];
    await runCommand('apt-get', [...own, 'update', '-qq'], { timeoutMs: 120_000 });
    await runCommand('apt-get', [...own, 'download', ...packages], { cwd: folder });
  }
  for (const name of await readdir(folder)) {
    if (name.endsWith('.deb')) await runCommand('dpkg', ['-x', join(folder, name), folder]);
  }
}
