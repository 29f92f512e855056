import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Source } from '../src/classify/picture.ts';
import { expandSources } from '../src/classify/sources/expand.ts';
import { loadConfig } from '../src/config.ts';
import { aFolder } from './a-host.ts';

const signal = new AbortController().signal;
const reading = { signal, reserve: () => Promise.resolve() };

async function expand(
  names: readonly string[],
  options: { cwd: string; recursive?: boolean; stdin?: NodeJS.ReadableStream; env?: Record<string, string> },
) {
  const notices: string[] = [];
  const config = await loadConfig({ env: options.env ?? {}, cwd: options.cwd, file: undefined, flags: {} });
  const sources: Source[] = [];
  const expanding = expandSources(names, {
    cwd: options.cwd,
    recursive: options.recursive === true,
    stdin: options.stdin ?? Readable.from([]),
    config,
    signal,
    notice: (text) => notices.push(text),
  });
  for await (const source of expanding) sources.push(source);
  return { sources, names: sources.map(({ name }) => name), notices };
}

/** A folder of pictures, and of what is none. */
function aTree(): string {
  const root = aFolder();
  mkdirSync(join(root, 'photos/b/deep'), { recursive: true });
  for (const path of [
    'photos/z.jpg',
    'photos/a.PNG',
    'photos/notes.txt',
    'photos/.hidden.jpg',
    'photos/b/c.webp',
    'photos/b/deep/d.avif',
    'one.jpg',
    'x[1].jpg',
  ])
    writeFileSync(join(root, path), path);
  return root;
}

describe('sources', () => {
  it('keep the order of the command line, and that of names within a folder', async () => {
    const { names } = await expand(['photos', 'one.jpg', 'gone.jpg'], { cwd: aTree() });
    expect(names).toEqual(['photos/a.PNG', 'photos/z.jpg', 'one.jpg', 'gone.jpg']);
  });

  it('are looked for in folders of folders with --recursive only', async () => {
    const cwd = aTree();
    expect((await expand(['photos/'], { cwd, recursive: true })).names).toEqual([
      'photos/a.PNG',
      'photos/b/c.webp',
      'photos/b/deep/d.avif',
      'photos/z.jpg',
    ]);
    expect((await expand(['.'], { cwd })).names).toEqual(['one.jpg', 'x[1].jpg']);
  });

  it('match a pattern in the order of names; a file that is called like one is a file', async () => {
    const cwd = aTree();
    expect((await expand(['photos/**/*.{webp,avif,jpg}'], { cwd })).names).toEqual([
      'photos/b/c.webp',
      'photos/b/deep/d.avif',
      'photos/z.jpg',
    ]);
    expect((await expand(['x[1].jpg'], { cwd })).names).toEqual(['x[1].jpg']);
  });

  it('that a pattern does not find are SOURCE_NOT_FOUND in their place', async () => {
    const { sources } = await expand(['none-*.jpg', 'one.jpg'], { cwd: aTree() });
    expect(sources.map(({ name }) => name)).toEqual(['none-*.jpg', 'one.jpg']);
    await expect(sources[0]?.read(reading)).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
  });

  it('come from a list on stdin, as it is written', async () => {
    const { names } = await expand(['-', 'one.jpg'], {
      cwd: aTree(),
      stdin: Readable.from(['photos/z.jpg\r\n\n  photos\n-\ngone.jpg']),
    });
    expect(names).toEqual(['photos/z.jpg', 'photos/a.PNG', 'photos/z.jpg', 'gone.jpg', 'one.jpg']);
  });

  it('come from a list whose names end in NUL, whatever is in them', async () => {
    const cwd = aTree();
    writeFileSync(join(cwd, ' two\nlines .jpg'), '');
    const stdin = Readable.from(['one.jpg\0 two\nlin', 'es .jpg\0gone.jpg'].map((text) => Buffer.from(text)));
    const { sources, names } = await expand(['-'], { cwd, stdin });
    expect(names).toEqual(['one.jpg', ' two\nlines .jpg', 'gone.jpg']);
    await expect(sources[1]?.read(reading)).resolves.toHaveLength(0);
  });

  it('come from a list by lines where its first name ended with one, and NULs behind it are told once', async () => {
    const stdin = Readable.from(['one.jpg\n', 'a.jpg\0b.jpg\0', 'c.jpg\0\ntwo.jpg\n']);
    const { names, notices } = await expand(['-'], { cwd: aTree(), stdin });
    expect(names).toEqual(['one.jpg', 'a.jpg\0b.jpg\0c.jpg\0', 'two.jpg']);
    expect(notices).toEqual([expect.stringContaining('it is read by lines')]);
  });

  it('that are addresses are named without what signs in to them', async () => {
    const address = (userInfo: string) => `https://${userInfo}127.0.0.1/a@b.png?c=d:e@f`;
    const { sources, names } = await expand(
      ['user:pa:s@s@', ':pass@', 'a-key-of-20-letters.@', 'user@', ''].map(address),
      { cwd: aTree() },
    );
    expect(names).toEqual(['user:[redacted]@', ':[redacted]@', '[redacted]@', 'user@', ''].map(address));
    // As it was given, which is refused.
    await expect(sources[0]?.read(reading)).rejects.toMatchObject({ code: 'URL_REFUSED' });
  });

  it('are addresses of files too; one that names none of this machine is SOURCE_NOT_FOUND in its place', async () => {
    const cwd = aTree();
    const good = pathToFileURL(join(cwd, 'one.jpg')).href;
    const bad = ['file://elsewhere/one.jpg', 'file:///one%00.jpg', 'file:///a%2Fb.jpg'];
    const { sources, names } = await expand([...bad, good], { cwd });
    expect(names).toEqual([...bad, good]);
    for (const source of sources.slice(0, -1))
      await expect(source.read(reading)).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
    await expect(sources.at(-1)?.read(reading)).resolves.toHaveLength(7);
  });

  it.skipIf(process.platform !== 'linux')('may have names that are no UTF-8, and folders too', async () => {
    const cwd = aTree();
    const bytes = (...parts: (string | number)[]) =>
      Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))));
    mkdirSync(bytes(cwd, '/photos/', 0xe9));
    for (const [name, contents] of [
      [bytes(cwd, '/photos/', 0xe9, '/in.jpg'), '1'],
      [bytes(cwd, '/photos/', 0xe9, '/', 0xfc, '.jpg'), '22'],
      [bytes(cwd, '/photos/', 0xe8, '.jpg'), '333'],
      [bytes(cwd, '/photos/', 0xe9, '.jpg'), '4444'],
    ] as const)
      writeFileSync(name, contents);
    const { sources } = await expand(['photos'], { cwd, recursive: true });
    const odd = sources.filter(({ name }) => name.includes('\ufffd'));
    const sizes = await Promise.all(odd.map(async (source) => (await source.read(reading)).byteLength));
    expect(sizes.sort()).toEqual([1, 2, 3, 4]);
  });

  it('of a list are read before the list is complete', async () => {
    const stdin = new PassThrough();
    const config = await loadConfig({ env: {}, cwd: '/', file: undefined, flags: {} });
    const expanding = expandSources(['-'], { cwd: aTree(), recursive: false, stdin, config, signal, notice: () => {} });
    stdin.write('one.jpg\n');
    expect((await expanding.next()).value).toMatchObject({ name: 'one.jpg' });
    stdin.end();
  });

  it('are missed aloud where a folder has none', async () => {
    const cwd = aTree();
    mkdirSync(join(cwd, 'empty'));
    const { names, notices } = await expand(['empty'], { cwd });
    expect(names).toEqual([]);
    expect(notices).toEqual(['empty: no pictures in it (--recursive looks into its folders)']);
  });

  it('of a folder that is linked in a circle end', async () => {
    const cwd = aTree();
    symlinkSync(join(cwd, 'photos'), join(cwd, 'photos/b/up'));
    expect((await expand(['photos'], { cwd, recursive: true })).names).toHaveLength(4);
  });
});

describe('reading a source', () => {
  const readOne = async (name: string, cwd: string, env: Record<string, string> = {}) => {
    const { sources } = await expand([name], { cwd, env });
    return sources[0]?.read(reading);
  };

  it('gives all bytes in a buffer of their own', async () => {
    const bytes = await readOne('one.jpg', aTree());
    expect(Buffer.from(bytes ?? []).toString()).toBe('one.jpg');
    expect(bytes?.buffer.byteLength).toBe(bytes?.byteLength);
  });

  it('is SOURCE_NOT_FOUND for a missing file, a broken link and a link to itself', async () => {
    const cwd = aTree();
    symlinkSync('nowhere', join(cwd, 'broken.jpg'));
    symlinkSync('self.jpg', join(cwd, 'self.jpg'));
    for (const name of ['missing.jpg', 'broken.jpg', 'self.jpg', 'one.jpg/inside.jpg'])
      await expect(readOne(name, cwd)).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
  });

  it('is SOURCE_NOT_A_FILE for a fifo, a folder, a device and a socket, and never waits', async () => {
    const cwd = aTree();
    mkdirSync(join(cwd, 'folder.jpg'));
    execFileSync('mkfifo', [join(cwd, 'fifo.jpg')]);
    const server = createServer().listen(join(cwd, 'socket.jpg'));
    await new Promise((resolve) => server.once('listening', resolve));
    for (const name of ['folder.jpg', 'fifo.jpg', 'socket.jpg', '/dev/null', '/dev/zero'])
      await expect(readOne(name, cwd)).rejects.toMatchObject({ code: 'SOURCE_NOT_A_FILE' });
    server.close();
  });

  it('is SOURCE_TOO_MANY_BYTES beyond the limit, before anything is read', async () => {
    await expect(readOne('one.jpg', aTree(), { ROOKERY_MAX_BYTES: '6' })).rejects.toMatchObject({
      code: 'SOURCE_TOO_MANY_BYTES',
    });
  });
});
