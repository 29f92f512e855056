import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { claimFolder } from '../src/fleet/claim-folder.ts';
import { aFolder } from './a-host.ts';

it('a folder is kept by one, whatever path leads to it, until that one lets go', async () => {
  const folder = aFolder();
  const link = join(aFolder(), 'link');
  symlinkSync(folder, link);
  {
    await using _ = await claimFolder(folder);
    await expect(claimFolder(link)).rejects.toMatchObject({
      code: 'FOLDER_IN_USE',
      detail: `${link}, by process ${process.pid}`,
    });
    await using _other = await claimFolder(aFolder());
  }
  await using _ = await claimFolder(link);
});
