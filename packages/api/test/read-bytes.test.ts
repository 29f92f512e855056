import { PassThrough, Readable } from 'node:stream';
import { RookeryError } from '@rookery/contracts';
import { describe, expect, it } from 'vitest';
import { readBytes } from '../src/serving/read-bytes.ts';

const options = () => ({ maxBytes: 1_000, hold: () => {}, signal: new AbortController().signal });

describe('a body', () => {
  it('is read into a buffer of its own, announced or not, in whatever pieces', async () => {
    const pieces = [Buffer.from('ab'), Buffer.from(''), Buffer.from('cdef'), Buffer.from('g')];
    for (const length of [undefined, 7, 3, 20]) {
      const bytes = await readBytes(Readable.from(pieces), { ...options(), length });
      expect(Buffer.from(bytes).toString()).toBe('abcdefg');
      expect(bytes.buffer.byteLength).toBe(7);
    }
    expect(await readBytes(Readable.from([]), options())).toHaveLength(0);
  });

  it.each([
    [
      'breaks',
      () =>
        new Readable({
          read() {
            this.destroy(new Error('broken'));
          },
        }),
      'REQUEST_INVALID',
    ],
    [
      'is cut off',
      () =>
        new Readable({
          read() {
            this.destroy();
          },
        }),
      'ABORTED',
    ],
    ['was cut off before', () => new PassThrough().destroy(), 'ABORTED'],
    ['broke before', () => new PassThrough().on('error', () => {}).destroy(new Error('broken')), 'REQUEST_INVALID'],
    [
      'lost its connection',
      () =>
        new Readable({
          read() {
            this.destroy(Object.assign(new Error(), { code: 'ECONNRESET' }));
          },
        }),
      'ABORTED',
    ],
    ['is too large', () => Readable.from([Buffer.alloc(600), Buffer.alloc(401)]), 'SOURCE_TOO_MANY_BYTES'],
  ])('that %s fails, and is not waited for', async (_what, open, code) => {
    const stream = open();
    // Also where the end came long before anybody read.
    if (stream.destroyed) await new Promise((resolve) => setTimeout(resolve, 5));
    await expect(readBytes(stream, options())).rejects.toMatchObject({ code });
  });

  it('that ended before is what it was: nothing is left of it', async () => {
    const stream = Readable.from([Buffer.from('x')]);
    for await (const _ of stream);
    expect(await readBytes(stream, options())).toHaveLength(0);
  });

  it('is not read where too much is announced, and no further than there is room or time', async () => {
    const untouched = new PassThrough();
    await expect(readBytes(untouched, { ...options(), length: 1_001 })).rejects.toMatchObject({
      code: 'SOURCE_TOO_MANY_BYTES',
    });
    expect(untouched.listenerCount('data')).toBe(0);

    const full = new RookeryError('OVERLOADED');
    const hold = () => {
      throw full;
    };
    const stream = new PassThrough();
    const read = readBytes(stream, { ...options(), hold });
    stream.write('x');
    await expect(read).rejects.toBe(full);

    const controller = new AbortController();
    const endless = new PassThrough();
    const given = readBytes(endless, { ...options(), signal: controller.signal });
    const late = new RookeryError('TIMED_OUT');
    controller.abort(late);
    await expect(given).rejects.toBe(late);
    for (const event of ['data', 'end', 'close']) expect(endless.listenerCount(event)).toBe(0);
  });
});
