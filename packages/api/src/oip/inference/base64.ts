import { RookeryError } from '@rookery/contracts';

/**
 * The bytes that a text of base64 stands for (RFC 4648 section 4, with padding).
 * @param text as bytes.
 * @param name of the element, for the error.
 * @throws {RookeryError} REQUEST_INVALID where it is anything else.
 */
export function decodeBase64(text: Uint8Array, name: string): Uint8Array<ArrayBuffer> {
  const ascii = Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString('latin1');
  const padding = ascii.endsWith('==') ? 2 : ascii.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array(Math.max(0, Math.floor((ascii.length * 3) / 4) - padding));
  // Stops at what is not base64: fewer bytes than the text stands for.
  const written = Buffer.from(bytes.buffer).write(ascii, 'base64');
  if (ascii.length % 4 === 0 && written === bytes.byteLength) return bytes;
  throw new RookeryError('REQUEST_INVALID', { detail: `${name} is not base64 (RFC 4648, with padding)` });
}
