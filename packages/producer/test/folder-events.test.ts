import { appendFile, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { silentLogger } from '@rookery/telemetry';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openFolderEvents } from '../src/index.ts';
import { tempFolder } from './fixtures.ts';

interface Watched {
  readonly prepare?: (folder: string) => Promise<unknown>;
  /** Called before messages are done with. */
  readonly settled?: () => Promise<unknown>;
  readonly scanEveryMs?: number;
}

async function watched({ prepare, settled, scanEveryMs }: Watched = {}) {
  const folder = await tempFolder();
  await prepare?.(folder);
  const source = await openFolderEvents({ folder, settleMs: 300, scanEveryMs, log: silentLogger });
  const abort = new AbortController();
  const seen: string[] = [];
  const loop = (async () => {
    while (!abort.signal.aborted) {
      const messages = await source.receive(abort.signal);
      for (const { events } of messages.map((message) => message.parse()))
        for (const { kind, key } of events) seen.push(`${kind} ${key}`);
      await settled?.();
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
  const { folder, seen } = await watched({ prepare: (folder) => writeFile(join(folder, 'old.jpg'), 'x') });
  await writeFile(join(folder, '.part.jpg'), 'x');
  await writeFile(join(folder, 'new.jpg'), 'x');
  await eventually(() => expect(seen).toEqual(['created new.jpg']));
});

it('a folder that is moved away or removed takes its files with it, without all being looked through', async () => {
  const prepare = async (folder: string) => {
    for (const name of ['moved/deep', 'removed/deep', 'moved-not']) {
      await mkdir(join(folder, name), { recursive: true });
      for (let at = 0; at < 100; at++) await writeFile(join(folder, name, `${at}.jpg`), 'x');
    }
  };
  const { folder, seen } = await watched({ prepare, scanEveryMs: 60_000 });
  await rename(join(folder, 'moved'), `${folder}-moved`);
  onTestFinished(() => rm(`${folder}-moved`, { recursive: true }));
  await rm(join(folder, 'removed'), { recursive: true });
  await eventually(() => expect(seen).toHaveLength(200));
  expect(new Set(seen.map((line) => line.replace(/[^/]*$/, '')))).toEqual(
    new Set(['removed moved/deep/', 'removed removed/deep/']),
  );
});

it('a file that changes or goes while its event is under way is told again', async () => {
  const under = { way: async () => {} };
  const { folder, seen } = await watched({ settled: () => under.way(), scanEveryMs: 60_000 });
  under.way = async () => {
    under.way = async () => {};
    await writeFile(join(folder, 'a.jpg'), 'another');
    await rm(join(folder, 'b.jpg'));
    // The watcher has told of it by then.
    await new Promise((resolve) => setTimeout(resolve, 500));
  };
  await Promise.all(['a.jpg', 'b.jpg'].map((name) => writeFile(join(folder, name), 'one')));
  await eventually(() =>
    expect(seen.toSorted()).toEqual(['created a.jpg', 'created a.jpg', 'created b.jpg', 'removed b.jpg']),
  );
});

it('links count as in a listing: to files inside, not to folders, not to what lies elsewhere', async () => {
  const elsewhere = await tempFolder();
  await mkdir(join(elsewhere, 'album'));
  await writeFile(join(elsewhere, 'album/a.jpg'), 'x');
  const { folder, seen } = await watched();
  await symlink(join(elsewhere, 'album'), join(folder, 'album'));
  await symlink(join(elsewhere, 'album/a.jpg'), join(folder, 'out.jpg'));
  await symlink('.', join(folder, 'circle'));
  await symlink('nowhere', join(folder, 'dangling.jpg'));
  await symlink('real.jpg', join(folder, 'inside.jpg'));
  await writeFile(join(folder, 'real.jpg'), 'x');
  await eventually(() => expect(seen.length).toBeGreaterThan(1));
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(seen.toSorted()).toEqual(['created inside.jpg', 'created real.jpg']);
});
