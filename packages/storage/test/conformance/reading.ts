import { describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../src/index.ts';
import { bytesOf, code, gather, gatherChunks, keysOf, pieces, text } from './helpers.ts';

export function reading(store: () => ObjectStore): void {
  describe('get and put', () => {
    it.each([0, 1, 65_536, 1_000_003])('gives back %i bytes as they were put', async (length) => {
      const body = bytesOf(length);
      expect(await store().put('folder/object', body)).toBe('created');
      const found = await store().get('folder/object');
      expect(Buffer.compare(found.body, body)).toBe(0);
      expect(found).toMatchObject({ key: 'folder/object', sizeBytes: length });
      expect(Math.abs(found.lastModified.getTime() - Date.now())).toBeLessThan(60_000);
      // The caller's own: the view covers its buffer, which may be transferred.
      expect(found.body.byteLength).toBe(found.body.buffer.byteLength);
    });

    it('puts a string as UTF-8', async () => {
      await store().put('object', 'Grünfink');
      expect(text((await store().get('object')).body)).toBe('Grünfink');
    });

    it('replaces what lay there, under another etag, also when the size is the same', async () => {
      await store().put('object', 'one');
      const first = await store().get('object');
      expect(await store().put('object', 'two')).toBe('created');
      const second = await store().get('object');
      expect(text(second.body)).toBe('two');
      expect(second.etag).not.toBe(first.etag);
    });

    it('tells the same of an object in get, head, read and list', async () => {
      await store().put('object', 'body');
      const { body: _, ...got } = await store().get('object');
      const { chunks, ...read } = await store().read('object');
      await gatherChunks(chunks);
      const told = { key: 'object', etag: got.etag, sizeBytes: 4 };
      for (const info of [got, read, await store().head('object'), (await gather(store(), ''))[0]]) {
        expect(info).toMatchObject(told);
        expect(info?.etag).not.toContain('"');
        expect(Math.floor((info?.lastModified.getTime() ?? 0) / 1000)).toBe(
          Math.floor(got.lastModified.getTime() / 1000),
        );
      }
    });

    it('finds nothing under a key that nobody put, nor under a part of one', async () => {
      await store().put('folder/object', 'x');
      for (const key of ['nothing', 'folder', 'folder/object/below', 'nowhere/nothing']) {
        await expect(store().get(key)).rejects.toEqual(code('OBJECT_NOT_FOUND'));
        await expect(store().read(key)).rejects.toEqual(code('OBJECT_NOT_FOUND'));
        expect(await store().head(key)).toBeUndefined();
      }
    });

    it('gives only the object with the wanted etag', async () => {
      await store().put('object', 'one');
      const { etag } = await store().get('object');
      expect(text((await store().get('object', { ifMatch: etag })).body)).toBe('one');
      await store().put('object', 'two');
      await expect(store().get('object', { ifMatch: etag })).rejects.toEqual(code('OBJECT_CHANGED'));
      await expect(store().read('object', { ifMatch: etag })).rejects.toEqual(code('OBJECT_CHANGED'));
    });

    it('refuses an object over the limit, and takes one that just fits', async () => {
      await store().put('object', bytesOf(1000));
      await expect(store().get('object', { maxBytes: 999 })).rejects.toEqual(code('OBJECT_TOO_LARGE'));
      await expect(store().read('object', { maxBytes: 999 })).rejects.toEqual(code('OBJECT_TOO_LARGE'));
      expect((await store().get('object', { maxBytes: 1000 })).body.length).toBe(1000);
      // The connection that an abandoned body took with it is replaced.
      expect((await store().get('object')).body.length).toBe(1000);
    });

    it('gives a range, cut at the end, and tells the size of the whole', async () => {
      await store().put('object', '0123456789');
      const range = async (start: number, end: number) => await store().get('object', { range: { start, end } });
      expect(text((await range(0, 3)).body)).toBe('0123');
      expect(text((await range(4, 4)).body)).toBe('4');
      expect(text((await range(7, 99)).body)).toBe('789');
      expect((await range(10, 20)).body.length).toBe(0);
      expect((await range(0, 3)).sizeBytes).toBe(10);
      const { chunks } = await store().read('object', { range: { start: 2, end: 5 } });
      expect(text(await gatherChunks(chunks))).toBe('2345');
    });

    it('gives no range of nothing where the object is empty', async () => {
      await store().put('empty', '');
      expect((await store().get('empty', { range: { start: 0, end: 9 } })).body.length).toBe(0);
    });
  });

  describe('streams', () => {
    it('write and read more than fits into one piece', async () => {
      const piece = bytesOf(1_000_000);
      const written = store().write('large', pieces(...Array.from({ length: 20 }, () => piece)));
      expect(await written).toBe('created');
      const { chunks, sizeBytes } = await store().read('large');
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
      await store().write('empty', pieces());
      expect(await store().head('empty')).toMatchObject({ sizeBytes: 0 });
    });

    it.each([1, 12_000_000])('leave nothing behind where they fail after %i bytes', async (length) => {
      const broken = (async function* () {
        yield bytesOf(length);
        throw new Error('the source failed');
      })();
      await expect(store().write('broken', broken)).rejects.toThrow(/the source failed/);
      expect(await store().head('broken')).toBeUndefined();
      expect(await keysOf(store(), '')).toEqual([]);
    });

    it('can be given up before, at and after the first piece, again and again', async () => {
      await store().put('object', bytesOf(2_000_000));
      for (let i = 0; i < 100; i++) {
        const { chunks } = await store().read('object');
        const iterator = chunks[Symbol.asyncIterator]();
        for (let pulled = 0; pulled < i % 3; pulled++) await iterator.next();
        await iterator.return?.();
        expect(await iterator.next()).toEqual({ done: true, value: undefined });
      }
      expect((await store().get('object')).body.length).toBe(2_000_000);
    });
  });
}
