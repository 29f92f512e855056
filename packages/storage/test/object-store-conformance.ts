import { RookeryError } from '@rookery/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ListOptions, ObjectInfo, ObjectStore } from '../src/index.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const bytesOf = (length: number, seed = 1): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7 + seed) & 255);

async function gather(store: ObjectStore, prefix: string, options?: ListOptions): Promise<ObjectInfo[]> {
  const all: ObjectInfo[] = [];
  for await (const page of store.list(prefix, options)) all.push(...page);
  return all;
}
const keysOf = async (...args: Parameters<typeof gather>): Promise<string[]> =>
  (await gather(...args)).map(({ key }) => key);

async function gatherChunks(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

async function* pieces(...all: (Uint8Array | string)[]): AsyncGenerator<Uint8Array> {
  for (const piece of all) yield typeof piece === 'string' ? Buffer.from(piece) : piece;
}

const code = (code: string) => expect.objectContaining({ name: 'RookeryError', code });

/** What is asked of every store. `open` gives a new, empty one each time. */
export function objectStoreConformance(name: string, open: () => Promise<ObjectStore>): void {
  describe(`${name} keeps the promises of ObjectStore`, () => {
    let store: ObjectStore;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store[Symbol.asyncDispose]());

    it('says where it is', () => {
      expect(store.location).toMatch(/^(s3:\/\/[a-z0-9-]+\/|file:\/\/\/).*\/$|^s3:\/\/[a-z0-9-]+\/$/);
    });

    describe('get and put', () => {
      it.each([0, 1, 65_536, 1_000_003])('gives back %i bytes as they were put', async (length) => {
        const body = bytesOf(length);
        expect(await store.put('folder/object', body)).toBe('created');
        const found = await store.get('folder/object');
        expect(Buffer.compare(found.body, body)).toBe(0);
        expect(found).toMatchObject({ key: 'folder/object', sizeBytes: length });
        expect(Math.abs(found.lastModified.getTime() - Date.now())).toBeLessThan(60_000);
        // The caller's own: the view covers its buffer, which may be transferred.
        expect(found.body.byteLength).toBe(found.body.buffer.byteLength);
      });

      it('puts a string as UTF-8', async () => {
        await store.put('object', 'Grünfink');
        expect(text((await store.get('object')).body)).toBe('Grünfink');
      });

      it('replaces what lay there, under another etag, also when the size is the same', async () => {
        await store.put('object', 'one');
        const first = await store.get('object');
        expect(await store.put('object', 'two')).toBe('created');
        const second = await store.get('object');
        expect(text(second.body)).toBe('two');
        expect(second.etag).not.toBe(first.etag);
      });

      it('tells the same of an object in get, head, read and list', async () => {
        await store.put('object', 'body');
        const { body: _, ...got } = await store.get('object');
        const { chunks, ...read } = await store.read('object');
        await gatherChunks(chunks);
        const told = { key: 'object', etag: got.etag, sizeBytes: 4 };
        for (const info of [got, read, await store.head('object'), (await gather(store, ''))[0]]) {
          expect(info).toMatchObject(told);
          expect(info?.etag).not.toContain('"');
          expect(Math.floor((info?.lastModified.getTime() ?? 0) / 1000)).toBe(
            Math.floor(got.lastModified.getTime() / 1000),
          );
        }
      });

      it('finds nothing under a key that nobody put, nor under a part of one', async () => {
        await store.put('folder/object', 'x');
        for (const key of ['nothing', 'folder', 'folder/object/below', 'nowhere/nothing']) {
          await expect(store.get(key)).rejects.toEqual(code('OBJECT_NOT_FOUND'));
          await expect(store.read(key)).rejects.toEqual(code('OBJECT_NOT_FOUND'));
          expect(await store.head(key)).toBeUndefined();
        }
      });

      it('gives only the object with the wanted etag', async () => {
        await store.put('object', 'one');
        const { etag } = await store.get('object');
        expect(text((await store.get('object', { ifMatch: etag })).body)).toBe('one');
        await store.put('object', 'two');
        await expect(store.get('object', { ifMatch: etag })).rejects.toEqual(code('OBJECT_CHANGED'));
        await expect(store.read('object', { ifMatch: etag })).rejects.toEqual(code('OBJECT_CHANGED'));
      });

      it('refuses an object over the limit, and takes one that just fits', async () => {
        await store.put('object', bytesOf(1000));
        await expect(store.get('object', { maxBytes: 999 })).rejects.toEqual(code('OBJECT_TOO_LARGE'));
        await expect(store.read('object', { maxBytes: 999 })).rejects.toEqual(code('OBJECT_TOO_LARGE'));
        expect((await store.get('object', { maxBytes: 1000 })).body.length).toBe(1000);
        // The connection that an abandoned body took with it is replaced.
        expect((await store.get('object')).body.length).toBe(1000);
      });

      it('gives a range, cut at the end, and tells the size of the whole', async () => {
        await store.put('object', '0123456789');
        const range = async (start: number, end: number) => await store.get('object', { range: { start, end } });
        expect(text((await range(0, 3)).body)).toBe('0123');
        expect(text((await range(4, 4)).body)).toBe('4');
        expect(text((await range(7, 99)).body)).toBe('789');
        expect((await range(10, 20)).body.length).toBe(0);
        expect((await range(0, 3)).sizeBytes).toBe(10);
        const { chunks } = await store.read('object', { range: { start: 2, end: 5 } });
        expect(text(await gatherChunks(chunks))).toBe('2345');
      });

      it('gives no range of nothing where the object is empty', async () => {
        await store.put('empty', '');
        expect((await store.get('empty', { range: { start: 0, end: 9 } })).body.length).toBe(0);
      });
    });

    describe('puts that must not overwrite', () => {
      it('write where nothing lies and leave what lies there', async () => {
        expect(await store.put('object', 'first', { ifAbsent: true })).toBe('created');
        expect(await store.put('object', 'second', { ifAbsent: true })).toBe('exists');
        expect(text((await store.get('object')).body)).toBe('first');
        expect(await store.write('object', pieces('third'), { ifAbsent: true })).toBe('exists');
        expect(await store.write('other', pieces('fo', 'urth'), { ifAbsent: true })).toBe('created');
        expect(text((await store.get('other')).body)).toBe('fourth');
      });

      it('write again after a delete', async () => {
        await store.put('object', 'first', { ifAbsent: true });
        await store.delete(['object']);
        expect(await store.put('object', 'second', { ifAbsent: true })).toBe('created');
      });

      it('let exactly one of twenty racers win, and keep the whole of its bytes', async () => {
        const bodies = Array.from({ length: 20 }, (_, i) => bytesOf(20_000, i));
        const outcomes = await Promise.all(bodies.map((body) => store.put('raced', body, { ifAbsent: true })));
        expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
        const winner = bodies[outcomes.indexOf('created')] ?? new Uint8Array();
        expect(Buffer.compare((await store.get('raced')).body, winner)).toBe(0);
      });
    });

    describe('streams', () => {
      it('write and read more than fits into one piece', async () => {
        const piece = bytesOf(1_000_000);
        const written = store.write('large', pieces(...Array.from({ length: 20 }, () => piece)));
        expect(await written).toBe('created');
        const { chunks, sizeBytes } = await store.read('large');
        expect(sizeBytes).toBe(20_000_000);
        let at = 0;
        for await (const chunk of chunks) {
          const from = at % piece.length;
          const expected = Buffer.concat([piece.subarray(from), piece]).subarray(0, chunk.length);
          expect(Buffer.compare(chunk, expected)).toBe(0);
          at += chunk.length;
        }
        expect(at).toBe(20_000_000);
      });

      it('write nothing as an empty object', async () => {
        await store.write('empty', pieces());
        expect(await store.head('empty')).toMatchObject({ sizeBytes: 0 });
      });

      it.each([1, 12_000_000])('leave nothing behind where they fail after %i bytes', async (length) => {
        const broken = (async function* () {
          yield bytesOf(length);
          throw new Error('the source failed');
        })();
        await expect(store.write('broken', broken)).rejects.toThrow(/the source failed/);
        expect(await store.head('broken')).toBeUndefined();
        expect(await keysOf(store, '')).toEqual([]);
      });

      it('can be given up before, at and after the first piece, again and again', async () => {
        await store.put('object', bytesOf(2_000_000));
        for (let i = 0; i < 100; i++) {
          const { chunks } = await store.read('object');
          const iterator = chunks[Symbol.asyncIterator]();
          for (let pulled = 0; pulled < i % 3; pulled++) await iterator.next();
          await iterator.return?.();
          expect(await iterator.next()).toEqual({ done: true, value: undefined });
        }
        expect((await store.get('object')).body.length).toBe(2_000_000);
      });
    });

    describe('delete', () => {
      it('deletes what is there and minds nothing that is not', async () => {
        await Promise.all(['a', 'b/c', 'b/d'].map((key) => store.put(key, key)));
        await store.delete(['a', 'b/c', 'never/there', 'b']);
        expect(await keysOf(store, '')).toEqual(['b/d']);
        await store.delete([]);
        await store.delete(['a']);
      });

      it('deletes more than fits into one request', async () => {
        const keys = Array.from({ length: 1_100 }, (_, i) => `many/${i}`);
        for (let i = 0; i < keys.length; i += 50)
          await Promise.all(keys.slice(i, i + 50).map((key) => store.put(key, '')));
        await store.delete(keys);
        expect(await keysOf(store, '')).toEqual([]);
      });
    });

    describe('list', () => {
      const sorted = (keys: string[]) => [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      const tree = ['a', 'a-b', 'a.b/c', 'a0', 'ab/c', 'b/a/deep/er', 'b/a-deep', 'b/z', 'b-', 'c/a', 'c/b', 'd', 'Z'];

      it('gives all keys in the order of their bytes, folders and objects alike', async () => {
        await Promise.all(tree.map((key) => store.put(key, key)));
        expect(await keysOf(store, '')).toEqual(sorted(tree));
      });

      it('gives what begins with the prefix, whether it ends at a part or inside one', async () => {
        await Promise.all(tree.map((key) => store.put(key, key)));
        for (const prefix of ['b', 'b/', 'b/a', 'b/a/', 'b/a/deep', 'c/b', 'c/b/', 'x', 'b/x/y', 'a.b', 'a.b/c']) {
          expect(await keysOf(store, prefix), prefix).toEqual(sorted(tree.filter((key) => key.startsWith(prefix))));
        }
      });

      it('goes on after any key, whether it is there or not', async () => {
        await Promise.all(tree.map((key) => store.put(key, key)));
        const afters = [...tree, 'a/', 'a,', 'b', 'b/', 'b/a', 'b/a/', 'b/a/deep', 'b/zz', 'bb', 'zzz', '0', 'é'];
        for (const startAfter of afters) {
          const expected = sorted(tree).filter((key) => Buffer.compare(Buffer.from(key), Buffer.from(startAfter)) > 0);
          expect(await keysOf(store, '', { startAfter }), startAfter).toEqual(expected);
          const below = expected.filter((key) => key.startsWith('b/'));
          expect(await keysOf(store, 'b/', { startAfter }), startAfter).toEqual(below);
        }
      });

      it('cuts into pages of at most the wanted size, without loss or doubles', async () => {
        const keys = Array.from({ length: 25 }, (_, i) => `page/${String(i).padStart(3, '0')}`);
        await Promise.all(keys.map((key) => store.put(key, key)));
        const pages: number[] = [];
        const seen: string[] = [];
        for await (const page of store.list('page/', { pageSize: 10 })) {
          pages.push(page.length);
          seen.push(...page.map(({ key }) => key));
        }
        expect(seen).toEqual(keys);
        expect(Math.max(...pages)).toBeLessThanOrEqual(10);
      });

      it('gives over a thousand objects', async () => {
        const keys = Array.from({ length: 1_203 }, (_, i) => `many/${String(i).padStart(4, '0')}`);
        for (let i = 0; i < keys.length; i += 50)
          await Promise.all(keys.slice(i, i + 50).map((key) => store.put(key, '')));
        expect(await keysOf(store, 'many/')).toEqual(keys);
      });

      it('gives nothing of an empty store and of prefixes that lead nowhere', async () => {
        for (const prefix of ['', 'nothing', 'nothing/', '../', '/', 'a//'])
          expect(await keysOf(store, prefix)).toEqual([]);
      });

      it('can be left in the middle', async () => {
        await Promise.all(tree.map((key) => store.put(key, key)));
        for await (const page of store.list('', { pageSize: 2 })) {
          expect(page.length).toBeGreaterThan(0);
          break;
        }
      });
    });

    describe('keys', () => {
      const odd = [
        'with space.jpg',
        'plus+plus.jpg',
        'per%20cent%.jpg',
        'question?&=#.jpg',
        `quote'"<>&.jpg`,
        'umlaut-ä-é-Ω-鳥.jpg',
        'astral-🐦.jpg',
        'private-\u{e000}-use.jpg',
        'folder.with.dots/...jpg',
        '.hidden/.file',
        'back~tick`^{}[]|.jpg',
        `long/${'x'.repeat(200)}.jpg`,
      ];

      it.each(odd)('may be %s', async (key) => {
        await store.put(key, key);
        expect(text((await store.get(key)).body)).toBe(key);
        expect(await store.head(key)).toMatchObject({ key });
        expect(await keysOf(store, '')).toEqual([key]);
        expect(await keysOf(store, key)).toEqual([key]);
        expect(await keysOf(store, '', { startAfter: key })).toEqual([]);
        await store.delete([key]);
        expect(await store.head(key)).toBeUndefined();
        // As one of several, too: in a batch it is written in XML.
        await store.put(key, key);
        await store.put('plain', key);
        await store.delete([key, 'plain']);
        expect(await keysOf(store, '')).toEqual([]);
      });

      it('sort by their bytes also where UTF-16 sorts otherwise', async () => {
        const keys = ['~', 'é', '\u{e000}', '\u{ffee}', '🐦'];
        await Promise.all(keys.map((key) => store.put(key, '')));
        expect(await keysOf(store, '')).toEqual(keys);
        expect(await keysOf(store, '', { startAfter: '\u{ffee}' })).toEqual(['🐦']);
      });

      it.each([
        ['nothing', ''],
        ['NUL', 'a\0b'],
        ['half a surrogate pair', 'a\ud800b'],
        ['over 1,024 bytes', 'é'.repeat(600)],
      ])('may not be %s', async (_, key) => {
        const invalid = code('KEY_INVALID');
        await expect(store.get(key)).rejects.toEqual(invalid);
        await expect(store.read(key)).rejects.toEqual(invalid);
        await expect(store.put(key, '')).rejects.toEqual(invalid);
        await expect(store.write(key, pieces(''))).rejects.toEqual(invalid);
        await expect(store.head(key)).rejects.toEqual(invalid);
        await expect(store.delete([key])).rejects.toEqual(invalid);
        await expect(store.presign('GET', key, { expiresMs: 1000 })).rejects.toEqual(invalid);
        await expect(store.tag(key, {})).rejects.toEqual(invalid);
      });
    });

    describe('tags and addresses', () => {
      it('tags what is there, with whatever a label may be called', async () => {
        await store.put('object', 'x');
        await store.tag('object', {
          label: 'Phalacrocorax varius (varius), 鳥 & co.',
          score: '0.83',
          long: 'x'.repeat(500),
        });
        await store.tag('object', { label: 'another' });
        await expect(store.tag('nothing', { label: 'x' })).rejects.toEqual(code('OBJECT_NOT_FOUND'));
        expect(await keysOf(store, '')).toEqual(['object']);
      });

      it('gives addresses with their method', async () => {
        for (const method of ['GET', 'PUT'] as const) {
          const request = await store.presign(method, 'folder/a picture.jpg', { expiresMs: 60_000 });
          expect(request).toMatchObject({ method, url: expect.stringContaining('a%20picture.jpg') });
        }
      });
    });

    describe('giving up', () => {
      it('rejects with ABORTED before and during the work', async () => {
        await store.put('object', bytesOf(3_000_000));
        const before = AbortSignal.abort();
        const aborted = code('ABORTED');
        await expect(store.get('object', { signal: before })).rejects.toEqual(aborted);
        await expect(store.put('other', 'x', { signal: before })).rejects.toEqual(aborted);
        await expect(store.head('object', before)).rejects.toEqual(aborted);
        await expect(store.delete(['object'], before)).rejects.toEqual(aborted);
        await expect(gather(store, '', { signal: before })).rejects.toEqual(aborted);
        expect(await store.head('other')).toBeUndefined();

        const during = new AbortController();
        const { chunks } = await store.read('object', { signal: during.signal });
        await expect(
          (async () => {
            for await (const _ of chunks) during.abort();
          })(),
        ).rejects.toEqual(aborted);

        const writing = new AbortController();
        const slow = (async function* () {
          yield bytesOf(10);
          writing.abort();
          yield bytesOf(10);
        })();
        await expect(store.write('given-up', slow, { signal: writing.signal })).rejects.toEqual(aborted);
        expect(await store.head('given-up')).toBeUndefined();
      });

      it('gives errors of the taxonomy only', async () => {
        const error = await store.get('nothing').catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(RookeryError);
        expect((error as RookeryError).retryable).toBe(false);
      });
    });
  });
}
