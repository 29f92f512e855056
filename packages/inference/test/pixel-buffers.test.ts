import { describe, expect, it } from 'vitest';
import { turboJpeg } from '../src/decode/jpeg/turbo-jpeg.ts';
import { PixelBuffers } from '../src/decode/thread/pixel-buffers.ts';

describe('room for pixels', () => {
  it('is used again by the next picture that fits into it, and never by two at a time', () => {
    const buffers = new PixelBuffers(1_000);
    const [first, second] = [buffers.lend(), buffers.lend()];
    const [a, b] = [first.take(300), second.take(200)];
    expect(a.buffer).not.toBe(b.buffer);
    expect([first.holds(a), first.holds(b)]).toEqual([true, false]);
    first.release();
    second.release();
    // The smaller one where it is large enough.
    expect(buffers.lend().take(150).buffer).toBe(b.buffer);
    expect(buffers.lend().take(250).buffer).toBe(a.buffer);
  });

  it('is as large as the second time it is asked for, when the first way of decoding failed', () => {
    const room = new PixelBuffers(1_000).lend();
    expect(room.take(100)).toHaveLength(100);
    const larger = room.take(400);
    expect([larger.length, larger.buffer.byteLength >= 400]).toEqual([400, true]);
    expect(room.holds(larger)).toBe(true);
  });

  it('is not kept where there would be too much of it', () => {
    const buffers = new PixelBuffers(1_000);
    const rooms = [400, 500, 600, 2_000].map((length) => ({ room: buffers.lend(), length }));
    const taken = rooms.map(({ room, length }) => room.take(length).buffer);
    for (const { room } of rooms) room.release();
    expect(taken).not.toContain(buffers.lend().take(2_000).buffer);
    expect(taken[2]).toBe(buffers.lend().take(550).buffer);
  });
});

it.skipIf(!turboJpeg())('a decoder that is given too little room says so, before it writes', async () => {
  await expect(turboJpeg()?.decode(new Uint8Array(10), { width: 16, height: 16 }, new Uint8Array(767))).rejects.toThrow(
    '767 bytes for 16 x 16 pixels',
  );
});
