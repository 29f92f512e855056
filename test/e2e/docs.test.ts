import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';
import { temporaryFolder } from '../services/reaper.ts';
import { aReader } from './docs/a-reader.ts';
import { matches, readPage } from './docs/page.ts';
import { runBlocks } from './docs/shell.ts';

const root = new URL('../../docs/', import.meta.url);
const services = inject('services');
const hasCurl = await promisify(execFile)('curl', ['--version']).then(
  () => true,
  () => false,
);

// docs/api.md has a test of its own, which also looks at what its calls leave behind.
const files = (await readdir(root, { recursive: true }))
  .filter((file) => /^((tutorials|how-to)\/.*|scaling)\.md$/.test(file))
  .sort();
const pages = await Promise.all(files.map(async (file) => ({ file, ...(await readPage(new URL(file, root))) })));

describe.each(pages.filter(({ blocks }) => blocks.length > 0))('docs/$file', ({ file, needs, blocks }) => {
  const isThere = needs.every((name) => (name === 'redis' || name === 's3') && services[name].available);
  it.skipIf(!hasCurl || !isThere)('works as it stands there, and prints what it says', async () => {
    using folder = temporaryFolder('docs');
    const reader = await aReader(folder.path, file.replaceAll(/\W+/g, '-'), services);
    for (const { block, output } of await runBlocks(blocks, reader)) {
      if (block.output === undefined) continue;
      // Addresses of this run are what the page calls them.
      const text = [...reader.instead].reduce((done, [what, by]) => done.replaceAll(by, what), output);
      expect(matches(text, block.output) ? block.output : text, `the block of line ${block.line}`).toBe(block.output);
    }
  });
});
