import { RookeryError } from '@rookery/contracts';
import { describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../src/index.ts';
import { bytesOf, code, gather, keysOf, pieces, text } from './helpers.ts';

export function writing(store: () => ObjectStore): void {
  describe('puts that must not overwrite', () => {
    it('write where nothing lies and leave what lies there', async () => {
      expect(await store().put('object', 'first', { ifAbsent: true })).toBe('created');
      expect(await store().put('object', 'second', { ifAbsent: true })).toBe('exists');
      expect(text((await store().get('object')).body)).toBe('first');
      expect(await store().write('object', pieces('third'), { ifAbsent: true })).toBe('exists');
      expect(await store().write('other', pieces('fo', 'urth'), { ifAbsent: true })).toBe('created');
      expect(text((await store().get('other')).body)).toBe('fourth');
    });

    it('write again after a delete', async () => {
      await store().put('object', 'first', { ifAbsent: true });
      await store().delete(['object']);
      expect(await store().put('object', 'second', { ifAbsent: true })).toBe('created');
    });

    it('let exactly one of twenty racers win, and keep the whole of its bytes', async () => {
      const bodies = Array.from({ length: 20 }, (_, i) => bytesOf(20_000, i));
      const outcomes = await Promise.all(bodies.map((body) => store().put('raced', body, { ifAbsent: true })));
      expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
      const winner = bodies[outcomes.indexOf('created')] ?? new Uint8Array();
      expect(Buffer.compare((await store().get('raced')).body, winner)).toBe(0);
    });
  });

  describe('delete', () => {
    it('deletes what is there and minds nothing that is not', async () => {
      await Promise.all(['a', 'b/c', 'b/d'].map((key) => store().put(key, key)));
      await store().delete(['a', 'b/c', 'never/there', 'b']);
      expect(await keysOf(store(), '')).toEqual(['b/d']);
      await store().delete([]);
      await store().delete(['a']);
    });

    it('deletes more than fits into one request', async () => {
      const keys = Array.from({ length: 1_100 }, (_, i) => `many/${i}`);
      for (let i = 0; i < keys.length; i += 50)
        await Promise.all(keys.slice(i, i + 50).map((key) => store().put(key, '')));
      await store().delete(keys);
      expect(await keysOf(store(), '')).toEqual([]);
    });
  });

  describe('tags and addresses', () => {
    it('tags what is there, with whatever a label may be called', async () => {
      await store().put('object', 'x');
      await store().tag('object', {
        label: 'Phalacrocorax varius (varius), 鳥 & co.',
        score: '0.83',
        long: 'x'.repeat(500),
      });
      await store().tag('object', { label: 'another' });
      await expect(store().tag('nothing', { label: 'x' })).rejects.toEqual(code('OBJECT_NOT_FOUND'));
      expect(await keysOf(store(), '')).toEqual(['object']);
    });

    it('gives addresses with their method', async () => {
      for (const method of ['GET', 'PUT'] as const) {
        const request = await store().presign(method, 'folder/a picture.jpg', { expiresMs: 60_000 });
        expect(request).toMatchObject({ method, url: expect.stringContaining('a%20picture.jpg') });
      }
    });
  });

  describe('giving up', () => {
    it('rejects with ABORTED before and during the work', async () => {
      await store().put('object', bytesOf(3_000_000));
      const before = AbortSignal.abort();
      const aborted = code('ABORTED');
      await expect(store().get('object', { signal: before })).rejects.toEqual(aborted);
      await expect(store().put('other', 'x', { signal: before })).rejects.toEqual(aborted);
      await expect(store().head('object', before)).rejects.toEqual(aborted);
      await expect(store().delete(['object'], before)).rejects.toEqual(aborted);
      await expect(gather(store(), '', { signal: before })).rejects.toEqual(aborted);
      expect(await store().head('other')).toBeUndefined();

      const during = new AbortController();
      const { chunks } = await store().read('object', { signal: during.signal });
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
      await expect(store().write('given-up', slow, { signal: writing.signal })).rejects.toEqual(aborted);
      expect(await store().head('given-up')).toBeUndefined();
    });

    it('gives errors of the taxonomy only', async () => {
      const error = await store()
        .get('nothing')
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(RookeryError);
      expect((error as RookeryError).retryable).toBe(false);
    });
  });
}
