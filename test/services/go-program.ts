import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached } from './cache.ts';
import { onPath, runCommand } from './run-command.ts';

/** Compiles the program in the folder `name` beside this file from the modules of Go's proxy. Rejects where there is no Go, or no proxy. */
export async function goProgram(name: string, version: string): Promise<string> {
  if (!onPath('go')) throw new Error(`no Go to compile ${name} with`);
  const sources = fileURLToPath(new URL(name, import.meta.url));
  const folder = await cached(`${name}-${version}`, async (place) => {
    for (const file of await readdir(sources)) await copyFile(join(sources, file), join(place, file));
    await runCommand('go', ['build', '-trimpath', '-gcflags=all=-l', '-ldflags=-s -w', '-o', name, '.'], {
      cwd: place,
      timeoutMs: 400_000,
    });
  });
  return join(folder, name);
}
