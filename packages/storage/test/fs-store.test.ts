import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openStore } from '../src/index.ts';
import { objectStoreConformance } from './object-store-conformance.ts';

const folders: string[] = [];
afterAll(async () => void (await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })))));

objectStoreConformance('a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rookery-store-'));
  folders.push(folder);
  return await openStore(join(folder, 'not-yet-there'));
});
