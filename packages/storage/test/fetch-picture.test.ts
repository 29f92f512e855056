import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchPicture } from '../src/index.ts';

const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

describe('fetchPicture', () => {
  let server: Server;
  let origin: string;
  let port: number;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  const mine = { allowPrivate: true };

  beforeEach(async () => {
    server = createServer((request, response) => answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    port = address && typeof address === 'object' ? address.port : 0;
    origin = `http://127.0.0.1:${port}`;
  });
  afterEach(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  });

  it.each(['image/png', 'IMAGE/JPEG; charset=binary', 'application/octet-stream', undefined])(
    'gives the bytes of what is called %s',
    async (type) => {
      answer = (_request, response) => response.writeHead(200, type ? { 'content-type': type } : {}).end(png);
      const { body, url } = await fetchPicture(`${origin}/a.png`, mine);
      expect(Buffer.compare(body, png)).toBe(0);
      expect(url).toBe(`${origin}/a.png`);
    },
  );

  it.each([
    ['text/html', '<!doctype html><p>no'],
    ['text/plain', 'no'],
    ['application/json', '{}'],
    ['image/png', '  <!DOCTYPE html><title>a page that lies</title>'],
    [undefined, '<html>'],
    ['application/octet-stream', '<?xml version="1.0"?><Error>'],
  ])('refuses %s that begins with %j', async (type, text) => {
    answer = (_request, response) => response.writeHead(200, type ? { 'content-type': type } : {}).end(text);
    await expect(fetchPicture(origin, mine)).rejects.toMatchObject({ code: 'URL_NOT_A_PICTURE' });
  });

  it('follows redirects, relative and absolute, and says where it ended', async () => {
    answer = ({ url }, response) => {
      if (url === '/a') response.writeHead(302, { location: '/b/c' }).end();
      else if (url === '/b/c') response.writeHead(308, { location: `${origin}/b/d` }).end();
      else response.writeHead(200, { 'content-type': 'image/png' }).end(png);
    };
    expect((await fetchPicture(`${origin}/a`, mine)).url).toBe(`${origin}/b/d`);
  });

  it('ends in a circle and in a row of redirects that is too long', async () => {
    answer = ({ url }, response) => response.writeHead(302, { location: url === '/a' ? '/b' : '/a' }).end();
    const tooMany = { code: 'URL_TOO_MANY_REDIRECTS' };
    await expect(fetchPicture(`${origin}/a`, mine)).rejects.toMatchObject(tooMany);
    answer = ({ url }, response) => response.writeHead(302, { location: `${url}x` }).end();
    await expect(fetchPicture(`${origin}/a`, { ...mine, maxRedirects: 3 })).rejects.toMatchObject(tooMany);
  });

  it('refuses to be redirected inside the network, or to another protocol', async () => {
    const locations = [
      ...[
        'http://169.254.169.254/',
        'http://10.0.0.1/',
        'http://[::1]/',
        'http://0x7f000002/',
        'http://127.2/',
        '//192.168.0.1/x',
      ],
      ...[
        'file:///etc/passwd',
        'ftp://8.8.8.8/',
        'http://inside.test/',
        'http://user:secret@8.8.8.8/',
        'http://[::ffff:a00:1]/',
      ],
    ];
    // This server stands for one on the internet; nothing else inside may be connected to.
    const allowPrivate = (address: string) => address === '127.0.0.1';
    const resolve = async (name: string) => [{ address: name === 'inside.test' ? '10.0.0.7' : '127.0.0.1', family: 4 }];
    for (const location of locations) {
      answer = (_request, response) => response.writeHead(302, { location }).end();
      const fetching = fetchPicture(`http://public.test:${port}/`, { allowPrivate, resolve, timeoutMs: 5_000 });
      await expect(fetching, location).rejects.toMatchObject({ code: 'URL_REFUSED' });
    }
  });

  it('connects to the address that was checked, though the name leads elsewhere by then', async () => {
    answer = (_request, response) => response.writeHead(200, { 'content-type': 'image/png' }).end(png);
    let asked = 0;
    // A name that rebinds: were it resolved again for the connection, it would not lead to this server.
    const resolve = async () => [{ address: ++asked === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }];
    const { body } = await fetchPicture(`http://rebinding.test:${port}/`, { ...mine, resolve });
    expect(body.length).toBe(png.length);
    expect(asked).toBe(1);
  });

  it('stops at the limit of bytes, announced or not', async () => {
    const tooMany = { code: 'SOURCE_TOO_MANY_BYTES' };
    answer = (_request, response) =>
      response
        .writeHead(200, { 'content-type': 'image/png', 'content-length': 1_000_000 })
        .end(Buffer.alloc(1_000_000));
    await expect(fetchPicture(origin, { ...mine, maxBytes: 999_999 })).rejects.toMatchObject(tooMany);
    let sent = 0;
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'image/png' });
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(64 * 1024))) sent++;
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    };
    await expect(fetchPicture(origin, { ...mine, maxBytes: 300_000 })).rejects.toMatchObject(tooMany);
    expect(sent).toBeLessThan(1_000);
  });

  it('gives up where no answer comes, where no byte comes, and where it takes too long in all', async () => {
    const timedOut = { code: 'URL_TIMED_OUT', retryable: true };
    answer = () => {};
    await expect(fetchPicture(origin, { ...mine, idleTimeoutMs: 100 })).rejects.toMatchObject(timedOut);
    answer = (_request, response) => void response.writeHead(200, { 'content-type': 'image/png' }).write(png);
    await expect(fetchPicture(origin, { ...mine, idleTimeoutMs: 100 })).rejects.toMatchObject(timedOut);
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'image/png' });
      const drip = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(drip));
    };
    await expect(fetchPicture(origin, { ...mine, idleTimeoutMs: 5_000, timeoutMs: 200 })).rejects.toMatchObject(
      timedOut,
    );
    const resolve = () => new Promise<never>(() => {});
    await expect(fetchPicture('https://slow.test/', { resolve, timeoutMs: 100 })).rejects.toMatchObject(timedOut);
  });

  it('tells failures that may pass from those that will not', async () => {
    for (const [status, retryable] of [
      [404, false],
      [403, false],
      [500, true],
      [503, true],
      [429, true],
    ] as const) {
      answer = (_request, response) => response.writeHead(status, { 'retry-after': '7' }).end();
      await expect(fetchPicture(origin, mine)).rejects.toMatchObject({
        code: 'URL_FAILED',
        retryable,
        retryAfterMs: 7_000,
      });
    }
    answer = (request) => request.socket.resetAndDestroy();
    await expect(fetchPicture(origin, mine)).rejects.toMatchObject({ code: 'URL_FAILED', retryable: true });
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'image/png', 'content-length': 1000 }).write(png);
      setTimeout(() => response.destroy(), 20);
    };
    await expect(fetchPicture(origin, mine)).rejects.toMatchObject({ code: 'URL_FAILED', retryable: true });
  });

  it('refuses bodies that are packed though nobody asked for it: they may unfold without end', async () => {
    answer = (_request, response) =>
      response.writeHead(200, { 'content-type': 'image/png', 'content-encoding': 'gzip' }).end(png);
    await expect(fetchPicture(origin, mine)).rejects.toMatchObject({ code: 'URL_FAILED' });
  });

  it('can be given up', async () => {
    answer = () => {};
    const controller = new AbortController();
    const fetching = fetchPicture(origin, { ...mine, signal: controller.signal });
    setTimeout(() => controller.abort(), 30);
    await expect(fetching).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(fetchPicture(origin, { ...mine, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });
});
