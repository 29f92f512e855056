import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aBlackPng, photograph } from './pictures.ts';
import { type RunOptions, rookery } from './rookery.ts';

let cwd: string;
let server: Server;
let base: string;
const good = photograph('black-canyon');

const classify = (argv: readonly string[], options: Partial<RunOptions> = {}) =>
  rookery(['classify', ...argv, '--format', 'jsonl', '--quiet'], { cwd, ...options });
const codesOf = (jsonl: string) =>
  jsonl
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .map(({ source, error, predictions }) => [
      basename(source),
      error?.code ?? (predictions.length > 0 ? 'labelled' : 'empty'),
    ]);

/** A local web server with every bad habit. */
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'rookery-bad-'));
  const picture = readFileSync(good);
  server = createServer((request, response) => {
    switch (request.url) {
      case '/good.jpg':
        response.setHeader('content-type', 'image/jpeg').end(picture);
        break;
      case '/html.jpg':
        response.setHeader('content-type', 'text/html').end('<html>not found</html>');
        break;
      case '/circle.jpg':
        response.writeHead(302, { location: '/circle.jpg' }).end();
        break;
      case '/missing.jpg':
        response.writeHead(404).end();
        break;
      case '/never.jpg':
        response.setHeader('content-type', 'image/jpeg').write(picture.subarray(0, 1000));
        break;
      case '/endless.jpg': {
        response.setHeader('content-type', 'image/jpeg');
        const more = () => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536))) {}
        };
        response.on('drain', more);
        more();
        break;
      }
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Every picture that is none, or hardly one, between two good ones. */
async function aFolderOfTrouble(): Promise<string> {
  const folder = join(cwd, 'trouble');
  mkdirSync(join(folder, 'folder.jpg'), { recursive: true });
  const jpeg = readFileSync(good);
  const put = (name: string, bytes: Uint8Array | string) => writeFileSync(join(folder, name), bytes);
  copyFileSync(good, join(folder, '0-good.jpg'));
  copyFileSync(good, join(folder, 'z-good.jpg'));
  put('bomb.png', aBlackPng(60_000, 60_000, 30_000));
  put(
    'corrupt-exif.jpg',
    Buffer.concat([jpeg.subarray(0, 2), Buffer.from('ffe1000c457869660000deadbeef', 'hex'), jpeg.subarray(2)]),
  );
  put('empty.jpg', '');
  put('noise.jpg', Buffer.from(Array.from({ length: 50_000 }, (_, at) => (at * 7919 + (at >> 3) * 104_729) & 0xff)));
  put('one-pixel.png', aBlackPng(1, 1));
  put('svg.png', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>');
  put('tall.png', aBlackPng(1, 20_000));
  put('text.png', 'this is text');
  put('truncated.jpg', jpeg.subarray(0, Math.floor(jpeg.length / 3)));
  put('wrong-ending.gif', jpeg);
  const frame = { create: { width: 32, height: 32, channels: 3, background: '#456' } } as const;
  const frames = await Promise.all(
    ['#456', '#654'].map((background) =>
      sharp({ create: { ...frame.create, background } })
        .png()
        .toBuffer(),
    ),
  );
  put(
    'animated.webp',
    await sharp(frames, { join: { animated: true } })
      .webp()
      .toBuffer(),
  );
  put('sixteen-bit.png', await sharp(frames[0]).toColourspace('rgb16').png().toBuffer());
  put('cmyk.jpg', await sharp(frames[0]).toColourspace('cmyk').jpeg().toBuffer());
  symlinkSync('nowhere', join(folder, 'broken-link.jpg'));
  execFileSync('mkfifo', [join(folder, 'fifo.jpg')]);
  return folder;
}

describe('bad input', () => {
  it('gets its code in its place, its neighbours their labels, within 600 MB', async () => {
    const { code, stdout, peakBytes } = await classify([await aFolderOfTrouble()]);
    expect(codesOf(stdout)).toEqual([
      ['0-good.jpg', 'labelled'],
      ['animated.webp', 'labelled'],
      ['bomb.png', 'PICTURE_TOO_LARGE'],
      ['broken-link.jpg', 'SOURCE_NOT_FOUND'],
      ['cmyk.jpg', 'labelled'],
      ['corrupt-exif.jpg', 'labelled'],
      ['empty.jpg', 'PICTURE_EMPTY'],
      ['fifo.jpg', 'SOURCE_NOT_A_FILE'],
      ['folder.jpg', 'SOURCE_NOT_A_FILE'],
      ['noise.jpg', 'UNSUPPORTED_FORMAT'],
      ['one-pixel.png', 'labelled'],
      ['sixteen-bit.png', 'labelled'],
      ['svg.png', 'UNSUPPORTED_FORMAT'],
      ['tall.png', 'labelled'],
      ['text.png', 'UNSUPPORTED_FORMAT'],
      ['truncated.jpg', 'PICTURE_CORRUPT'],
      ['wrong-ending.gif', 'labelled'],
      ['z-good.jpg', 'labelled'],
    ]);
    expect(code).toBe(1);
    expect(peakBytes).toBeLessThan(600e6);
  });

  it('named one by one is the same as found in a folder', async () => {
    const { code, stdout } = await classify([
      'missing.jpg',
      'trouble/folder.jpg',
      'trouble/fifo.jpg',
      '/dev/zero',
      good,
    ]);
    expect(codesOf(stdout).map(([, outcome]) => outcome)).toEqual([
      'SOURCE_NOT_FOUND',
      'SOURCE_NOT_A_FILE',
      'SOURCE_NOT_A_FILE',
      'SOURCE_NOT_A_FILE',
      'labelled',
    ]);
    expect(code).toBe(1);
  });

  it('that vanishes between listing and reading is SOURCE_NOT_FOUND', async () => {
    const fleeting = join(cwd, 'fleeting.jpg');
    copyFileSync(good, fleeting);
    const { stdout } = await classify(['-'], {
      stdin: `${good}\n`,
      holdStdin: true,
      started(child) {
        // Named on stdin once it is gone.
        unlinkSync(fleeting);
        child.stdin?.end('fleeting.jpg\n');
      },
    });
    expect(codesOf(stdout).map(([, outcome]) => outcome)).toEqual(['labelled', 'SOURCE_NOT_FOUND']);
  });

  it('from the web gets its code: HTML, a circle, too much, nothing more, not there', async () => {
    const urls = ['good', 'html', 'circle', 'endless', 'never', 'missing', 'good'].map((name) => `${base}/${name}.jpg`);
    const env = { ROOKERY_MAX_URL_BYTES: '5MB', ROOKERY_URL_TIMEOUT: '3s' };
    const { code, stdout, peakBytes } = await classify(urls, { env });
    expect(codesOf(stdout)).toEqual([
      ['good.jpg', 'labelled'],
      ['html.jpg', 'URL_NOT_A_PICTURE'],
      ['circle.jpg', 'URL_TOO_MANY_REDIRECTS'],
      ['endless.jpg', 'SOURCE_TOO_MANY_BYTES'],
      ['never.jpg', 'URL_TIMED_OUT'],
      ['missing.jpg', 'URL_FAILED'],
      ['good.jpg', 'labelled'],
    ]);
    expect(code).toBe(1);
    expect(peakBytes).toBeLessThan(600e6);
  });

  it('over a limit of the user is refused before it is decoded', async () => {
    const { stdout } = await classify([good, '--max-pixels', '1000']);
    expect(codesOf(stdout)).toEqual([['image.jpg', 'PICTURE_TOO_LARGE']]);
    const bytes = await classify([good], { env: { ROOKERY_MAX_BYTES: '1kB' } });
    expect(codesOf(bytes.stdout)).toEqual([['image.jpg', 'SOURCE_TOO_MANY_BYTES']]);
  });
});
