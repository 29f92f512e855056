import type { Readable } from 'node:stream';
import { RookeryError } from '@rookery/contracts';

/** The length that a body will have, where the server says so: the whole object, or what is left of a range. */
export interface BodyLimits {
  readonly key: string;
  readonly contentLength: number | undefined;
  readonly maxBytes: number | undefined;
}

const tooLarge = (key: string, bytes: number | string, maxBytes: number) =>
  new RookeryError('OBJECT_TOO_LARGE', { detail: `${key}: ${bytes} bytes, at most ${maxBytes}` });

/** Gives the body up unread where it would be too large: the connection goes with it. @throws {RookeryError} OBJECT_TOO_LARGE */
export function checkLength(body: Readable, { key, contentLength, maxBytes }: BodyLimits): void {
  if (maxBytes === undefined || contentLength === undefined || contentLength <= maxBytes) return;
  giveUp(body);
  throw tooLarge(key, contentLength, maxBytes);
}

/** Ends a body that nobody will read. */
export function giveUp(body: Readable): void {
  body.on('error', () => {});
  body.destroy();
}

/** The whole body in one array of its own. */
export async function readBody(body: Readable, limits: BodyLimits): Promise<Uint8Array<ArrayBuffer>> {
  checkLength(body, limits);
  const { key, contentLength, maxBytes } = limits;
  if (contentLength === undefined) return await readUnknown(body, key, maxBytes ?? Number.POSITIVE_INFINITY);
  return await new Promise((resolve, reject) => {
    const whole = new Uint8Array(contentLength);
    let done = 0;
    // Listening costs half of iterating, and this runs once a picture.
    body.on('data', (chunk: Uint8Array) => {
      if (done + chunk.byteLength <= contentLength) whole.set(chunk, done);
      done += chunk.byteLength;
    });
    const settle = (): void => {
      if (done === contentLength) resolve(whole);
      else reject(new RookeryError('STORE_UNAVAILABLE', { detail: `${key}: ${done} of ${contentLength} bytes came` }));
    };
    body.once('end', settle);
    body.once('error', reject);
    // A body that was ended by somebody else says neither.
    body.once('close', settle);
  });
}

async function readUnknown(body: Readable, key: string, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    if (length > maxBytes) {
      giveUp(body);
      throw tooLarge(key, `over ${maxBytes}`, maxBytes);
    }
    chunks.push(chunk);
  }
  const whole = new Uint8Array(length);
  let done = 0;
  for (const chunk of chunks) {
    whole.set(chunk, done);
    done += chunk.byteLength;
  }
  return whole;
}
