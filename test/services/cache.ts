import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheFolder } from './repository.ts';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Waits until this process alone holds the lock. A lock whose holder has died is taken over. */
async function lock(path: string): Promise<() => Promise<void>> {
  for (;;) {
    try {
      await writeFile(path, String(process.pid), { flag: 'wx' });
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = Number(await readFile(path, 'utf8').catch(() => ''));
      if (holder > 0 && !isAlive(holder)) await rm(path, { force: true });
      await sleep(200);
    }
  }
}

/**
 * The folder `name` of the cache, filled by `install` the first time. Whoever dies half-way leaves nothing that counts, and two runs
 * at once install it once.
 */
export async function cached(name: string, install: (folder: string) => Promise<void>): Promise<string> {
  const wanted = join(cacheFolder, name);
  if (existsSync(wanted)) return wanted;
  await mkdir(cacheFolder, { recursive: true });
  const unlock = await lock(join(cacheFolder, `.${name}.lock`));
  try {
    if (existsSync(wanted)) return wanted;
    const folder = await mkdtemp(join(cacheFolder, `.${name}-`));
    try {
      await install(folder);
      await rename(folder, wanted);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
    return wanted;
  } finally {
    await unlock();
  }
}
