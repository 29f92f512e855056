import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, open, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { distinctClock } from '../src/fs/fs-info.ts';
import { FsPaths } from '../src/fs/fs-paths.ts';
import { FilePublisher } from '../src/fs/publish-file.ts';
import { FsStore, type ObjectStore } from '../src/index.ts';

const code = (wanted: string) => expect.objectContaining({ name: 'RookeryError', code: wanted });
const helper = new URL('put-in-a-process.mjs', import.meta.url);

async function keysOf(store: ObjectStore, prefix = '', startAfter?: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of store.list(prefix, { startAfter })) keys.push(...page.map(({ key }) => key));
  return keys;
}

describe('a folder as a store', () => {
  let folder: string;
  let outside: string;
  let store: FsStore;
  beforeEach(async () => {
    const base = await mkdtemp(join(tmpdir(), 'rookery-fs-'));
    [folder, outside] = [join(base, 'store'), join(base, 'outside')];
    await mkdir(folder);
    await mkdir(outside);
    await writeFile(join(outside, 'secret'), 'secret');
    store = new FsStore(folder);
  });
  afterEach(() => rm(join(folder, '..'), { recursive: true, force: true, maxRetries: 5 }), 60_000);

  describe('keys that try to climb out', () => {
    const climbing = [
      ...[
        '..',
        '../outside/secret',
        'a/../../outside/secret',
        '/etc/passwd',
        './a',
        'a/./b',
        'a//b',
        'a/',
        '/',
        '.',
        'a/..',
      ],
      ...['.rookery-tmp/x', '.rookery-tags/x.json', 'a/.rookery-tmp-1', `${'x'.repeat(256)}`],
    ];
    it.each(climbing)('%j is refused', async (key) => {
      await expect(store.get(key)).rejects.toEqual(code('KEY_INVALID'));
      await expect(store.put(key, 'x')).rejects.toEqual(code('KEY_INVALID'));
      await expect(store.put(key, 'x', { ifAbsent: true })).rejects.toEqual(code('KEY_INVALID'));
      await expect(store.delete([key])).rejects.toEqual(code('KEY_INVALID'));
      await expect(store.head(key)).rejects.toEqual(code('KEY_INVALID'));
    });

    it('links that lead out are neither read, written through, deleted through nor listed', async () => {
      await symlink(outside, join(folder, 'way-out'));
      await symlink(join(outside, 'secret'), join(folder, 'secret-link'));
      await writeFile(join(folder, 'inside'), 'inside');
      await symlink(join(folder, 'inside'), join(folder, 'inside-link'));
      for (const key of ['way-out/secret', 'secret-link']) {
        await expect(store.get(key)).rejects.toEqual(code('KEY_INVALID'));
        await expect(store.head(key)).rejects.toEqual(code('KEY_INVALID'));
      }
      await expect(store.put('way-out/new', 'x')).rejects.toEqual(code('KEY_INVALID'));
      await expect(store.put('way-out/new', 'x', { ifAbsent: true })).rejects.toEqual(code('KEY_INVALID'));
      await expect(store.delete(['way-out/secret'])).rejects.toEqual(code('KEY_INVALID'));
      expect(await readdir(outside)).toEqual(['secret']);
      expect(await keysOf(store, 'way-out/')).toEqual([]);
      // A link that stays inside is an object like any other.
      expect(await keysOf(store)).toEqual(['inside', 'inside-link']);
      expect(Buffer.from((await store.get('inside-link')).body).toString()).toBe('inside');
      // Replacing the link replaces the link.
      await store.put('secret-link', 'mine');
      expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret');
    });
  });

  describe('what is no object', () => {
    it('is not listed and not found: folders, fifos, broken links, links in a circle', async () => {
      await mkdir(join(folder, 'x.jpg'));
      execFileSync('mkfifo', [join(folder, 'fifo.jpg')]);
      await symlink(join(folder, 'nowhere'), join(folder, 'broken.jpg'));
      await mkdir(join(folder, 'a'));
      await symlink(join(folder, 'a'), join(folder, 'a', 'circle'));
      await writeFile(join(folder, 'a', 'picture.jpg'), 'x');
      expect(await keysOf(store)).toEqual(['a/picture.jpg']);
      for (const key of ['x.jpg', 'fifo.jpg', 'broken.jpg']) {
        await expect(store.get(key)).rejects.toEqual(code('OBJECT_NOT_FOUND'));
        expect(await store.head(key)).toBeUndefined();
      }
    });

    it('a name is an object or a folder, never both', async () => {
      await store.put('a', 'x');
      await store.put('b/c', 'x');
      for (const ifAbsent of [false, true]) {
        await expect(store.put('a/b', 'x', { ifAbsent })).rejects.toEqual(code('KEY_INVALID'));
        await expect(store.put('b', 'x', { ifAbsent })).rejects.toEqual(code('KEY_INVALID'));
      }
      expect(await keysOf(store)).toEqual(['a', 'b/c']);
    });
  });

  it('a file in its place is no store, whatever is asked of it', async () => {
    await rm(folder, { recursive: true });
    await writeFile(folder, 'a file');
    const noStore = expect.objectContaining({ code: 'STORE_NOT_FOUND', detail: `${folder}: this is no folder` });
    await expect(store.put('a/b', 'x')).rejects.toEqual(noStore);
    await expect(store.put('a', 'x', { ifAbsent: true })).rejects.toEqual(noStore);
    await expect(store.get('a')).rejects.toEqual(noStore);
    await expect(store.head('a')).rejects.toEqual(noStore);
    await expect(keysOf(store)).rejects.toEqual(noStore);
    await expect(keysOf(store, 'a/')).rejects.toEqual(noStore);
  });

  it.skipIf(process.platform !== 'linux')('says at once where its folder cannot be made', async () => {
    await expect(new FsStore('/proc/rookery').put('a', 'x')).rejects.toEqual(code('STORE_DENIED'));
  });

  it('says STORE_DENIED where the system refuses', async () => {
    await store.put('closed/a', 'x');
    await chmod(join(folder, 'closed'), 0o000);
    const child = fork(helper, ['denied', folder], { stdio: 'ignore' });
    const [outcomes] = await once(child, 'message');
    expect(outcomes).toEqual(['STORE_DENIED', 'STORE_DENIED', 'STORE_DENIED']);
    await chmod(join(folder, 'closed'), 0o700);
  });

  it('says STORE_FULL where there is no room, and leaves nothing of what did not fit', async () => {
    // A limit on the size of files, whose signal is ignored: writing fails as on a disk that is full.
    const limited = `trap '' XFSZ; ulimit -f 2000; exec "${process.execPath}" "$@"`;
    const child = fork(helper, ['full', folder], {
      stdio: 'ignore',
      execPath: '/bin/sh',
      execArgv: ['-c', limited, 'sh'],
    });
    const [outcomes] = await once(child, 'message');
    expect(outcomes).toEqual(['created', 'STORE_FULL']);
    expect(await keysOf(store)).toEqual(['object-1000']);
    expect(await readdir(join(folder, '.rookery-tmp'))).toEqual([]);
  });

  it('lets one of twenty win also on a file system without hard links', async () => {
    const link = async () => {
      throw Object.assign(new Error('no links here'), { code: 'EPERM' });
    };
    const paths = new FsPaths(folder);
    for (let round = 0; round < 5; round++) {
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, i) => {
          const publisher = new FilePublisher(paths, { sync: false, nowUs: distinctClock(), link });
          return publisher.publish(`raced/${round}`, { ifAbsent: true }, (file) => file.writeFile(String(i)));
        }),
      );
      expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
    }
    expect(await keysOf(store)).toHaveLength(5);
  });

  it('writes a file again that somebody else took for a leftover while it was written', async () => {
    const temporary = join(folder, '.rookery-tmp');
    const publisher = new FilePublisher(new FsPaths(folder), { sync: false, nowUs: distinctClock() });
    for (const ifAbsent of [true, false]) {
      let fills = 0;
      const fill = async (file: Awaited<ReturnType<typeof open>>) => {
        await file.writeFile('whole');
        if (++fills < 3) for (const name of await readdir(temporary)) await rm(join(temporary, name));
      };
      expect(await publisher.publish(`swept/${ifAbsent}`, { ifAbsent }, fill)).toBe('created');
      expect(fills).toBe(3);
      expect(await readFile(join(folder, 'swept', String(ifAbsent)), 'utf8')).toBe('whole');
    }
    expect(await readdir(temporary)).toEqual([]);
  });

  it('gives one state of a file that others write into, or says that it is being written', async () => {
    const path = join(folder, 'growing');
    const handle = await open(path, 'w');
    await handle.write('x'.repeat(100_000));
    let stop = false;
    const writing = (async () => {
      while (!stop) {
        await handle.write('y'.repeat(1000));
        await sleep(0);
      }
    })();
    for (let i = 0; i < 50; i++) {
      const found = await store.get('growing').catch((error: unknown) => error);
      if (found instanceof Error) expect(found).toEqual(code('STORE_UNAVAILABLE'));
      else
        expect((found as { body: Uint8Array; sizeBytes: number }).body.length).toBe(
          (found as { sizeBytes: number }).sizeBytes,
        );
    }
    stop = true;
    await writing;
    await handle.close();
  });

  it('keeps tags of other names, and takes all of them away with the object', async () => {
    const place = join(folder, '.rookery-tags', 'a.json');
    await store.put('a', 'one');
    await store.tag('a', { owner: 'somebody', label: 'robin' });
    await store.tag('a', { label: 'wren' });
    expect(JSON.parse(await readFile(place, 'utf8'))).toEqual({ owner: 'somebody', label: 'wren' });
    await store.delete(['a']);
    await expect(readFile(place)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('keeps the etag of a file that is moved, and changes it with the contents', async () => {
    await store.put('a', 'one');
    const before = (await store.head('a'))?.etag;
    await rename(join(folder, 'a'), join(folder, 'b'));
    expect((await store.head('b'))?.etag).toBe(before);
    const etags = new Set<string>();
    for (let i = 0; i < 200; i++) {
      await store.put('b', String(i % 10));
      etags.add((await store.head('b'))?.etag ?? '');
    }
    expect(etags.size).toBe(200);
  });

  it('lists a hundred thousand files of one folder in order, and begins anywhere without asking for those before', {
    timeout: 120_000,
  }, async () => {
    const many = join(folder, 'many');
    await mkdir(many);
    execFileSync(process.execPath, [helper.pathname, 'links', many]);
    let [count, last] = [0, ''];
    for await (const page of store.list('many/')) {
      expect(page.length).toBeLessThanOrEqual(1000);
      for (const { key } of page) {
        if (key <= last) expect.fail(`${key} after ${last}`);
        last = key;
      }
      count += page.length;
    }
    expect(count).toBe(100_000);
    expect(await keysOf(store, 'many/', 'many/099990.jpg')).toHaveLength(9);
    expect(await keysOf(store, 'many/0123')).toHaveLength(100);
  });

  it('begins in a deep tree without walking what lies before', async () => {
    await store.put('a/never/walked', 'x');
    await store.put('b/1/x', 'x');
    await store.put('b/2/x', 'x');
    await store.put('c/1', 'x');
    // Folders before the start are not even opened: this one could not be, whoever asks.
    await rm(join(folder, 'a', 'never'), { recursive: true });
    await symlink(join(folder, 'a', 'never'), join(folder, 'a', 'never'));
    expect(await keysOf(store, '', 'b/1/x')).toEqual(['b/2/x', 'c/1']);
  });
});
