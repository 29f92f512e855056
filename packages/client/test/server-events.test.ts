import { describe, expect, it } from 'vitest';
import { type ServerEvent, serverEvents } from '../src/server-events.ts';

const stream = (pieces: readonly Uint8Array[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });

async function read(pieces: readonly Uint8Array[]): Promise<ServerEvent[]> {
  const events: ServerEvent[] = [];
  for await (const event of serverEvents(stream(pieces))) events.push(event);
  return events;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a stream of server-sent events', () => {
  it('reads the same wherever the network cuts it, also inside a character', async () => {
    const text =
      ': hello\r\nretry: 1500\r\n\r\nid: 1\r\nevent: progress\r\ndata: {"name":"Drosselrohrsänger"}\r\n\r\ndata: two\r\ndata: lines\r\n\r\n';
    const whole = await read([bytes(text)]);
    expect(whole).toEqual([
      { event: 'progress', data: '{"name":"Drosselrohrsänger"}', id: '1', retryMs: 1500 },
      { event: 'message', data: 'two\nlines', id: '1', retryMs: 1500 },
    ]);
    const all = bytes(text);
    for (let at = 1; at < all.length; at++) expect(await read([all.slice(0, at), all.slice(at)])).toEqual(whole);
    expect(await read([...all].map((byte) => Uint8Array.of(byte)))).toEqual(whole);
  });

  it('takes every end of a line, fields without a colon or a space, and drops what the end cuts off', async () => {
    expect(await read([bytes('data:a\n\ndata: b\r\rdata\n\nid\n\nevent: x\ndata: cut')])).toEqual([
      { event: 'message', data: 'a', id: undefined, retryMs: undefined },
      { event: 'message', data: 'b', id: undefined, retryMs: undefined },
      { event: 'message', data: '', id: undefined, retryMs: undefined },
    ]);
  });

  it('takes no id with a null in it and no time that is no number', async () => {
    expect(await read([bytes('id: a\0b\nretry: soon\ndata: x\n\n')])).toEqual([
      { event: 'message', data: 'x', id: undefined, retryMs: undefined },
    ]);
  });
});
