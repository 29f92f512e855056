import { appendFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { silentLogger } from '@rookery/telemetry';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openFolderEvents } from '../src/index.ts';
import { tempFolder } from './fixtures.ts';

async function watched(prepare: (folder: string) => Promise<unknown> = async () => {}) {
  const folder = await tempFolder();
  await prepare(folder);
  const source = await openFolderEvents({ folder, settleMs: 300, log: silentLogger });
  const abort = new AbortController();
  const seen: string[] = [];
  const loop = (async () => {
    while (!abort.signal.aborted) {
      const messages = await source.receive(abort.signal);
      for (const { events } of messages.map((message) => message.parse()))
        for (const { kind, key } of events) seen.push(`${kind} ${key}`);
      await source.done(messages);
    }
  })();
  onTestFinished(async () => {
    abort.abort();
    await loop;
    await source[Symbol.asyncDispose]();
  });
  return { folder, source, seen };
}

const eventually = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 50 });

it('tells files that come, change and go, at any depth, each once', async () => {
  const { folder, source, seen } = await watched();
  expect(source.bucket).toBe(pathToFileURL(folder).href);
  await writeFile(join(folder, 'a.jpg'), 'one');
  await mkdir(join(folder, 'deep/er'), { recursive: true });
  await writeFile(join(folder, 'deep/er/b c.jpg'), 'two');
  await eventually(() => expect(seen.toSorted()).toEqual(['created a.jpg', 'created deep/er/b c.jpg']));
  await writeFile(join(folder, 'a.jpg'), 'longer');
  await eventually(() => expect(seen).toHaveLength(3));
  await rm(join(folder, 'deep/er/b c.jpg'));
  await eventually(() => expect(seen.slice(2).toSorted()).toEqual(['created a.jpg', 'removed deep/er/b c.jpg']));
});

it('a file that is still being written is not told', async () => {
  const { folder, seen } = await watched();
  const path = join(folder, 'slow.jpg');
  for (let piece = 0; piece < 8; piece++) {
    await appendFile(path, 'more');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(seen).toEqual([]);
  await eventually(() => expect(seen).toEqual(['created slow.jpg']));
});

it('a folder that is moved in is told with all its files', async () => {
  const elsewhere = await tempFolder();
  await mkdir(join(elsewhere, 'album'));
  await writeFile(join(elsewhere, 'album/a.jpg'), 'x');
  const { folder, seen } = await watched();
  await rename(join(elsewhere, 'album'), join(folder, 'album'));
  await eventually(() => expect(seen).toEqual(['created album/a.jpg']));
});

it('what was there before is known, and hidden names are nobody’s business', async () => {
  const { folder, seen } = await watched((folder) => writeFile(join(folder, 'old.jpg'), 'x'));
  await writeFile(join(folder, '.part.jpg'), 'x');
  await writeFile(join(folder, 'new.jpg'), 'x');
  await eventually(() => expect(seen).toEqual(['created new.jpg']));
});
