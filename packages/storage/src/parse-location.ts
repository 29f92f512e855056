import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isBucketName, RookeryError } from '@rookery/contracts';

export type StoreLocation =
  | {
      readonly kind: 's3';
      readonly bucket: string /** As it was written, without a leading `/`. */;
      readonly prefix: string;
    }
  | { readonly kind: 'fs' /** Absolute. */; readonly folder: string };

/**
 * `s3://bucket/prefix`, `file:///folder` or a plain path (relative to the working folder).
 * @throws {RookeryError} REFERENCE_INVALID
 */
export function parseLocation(text: string): StoreLocation {
  const invalid = (why: string) => new RookeryError('REFERENCE_INVALID', { detail: `${JSON.stringify(text)} ${why}` });
  if (text.trim() === '' || text.includes('\0')) throw invalid('is no location');
  if (text.startsWith('s3://')) {
    const slash = text.indexOf('/', 5);
    const bucket = slash < 0 ? text.slice(5) : text.slice(5, slash);
    if (!isBucketName(bucket)) throw invalid('names no bucket');
    return { kind: 's3', bucket, prefix: slash < 0 ? '' : text.slice(slash + 1) };
  }
  if (text.startsWith('file:')) {
    try {
      const url = new URL(text);
      if (url.hostname !== '' && url.hostname !== 'localhost') throw invalid('is on another machine');
      return { kind: 'fs', folder: resolve(fileURLToPath(url)) };
    } catch (cause) {
      throw cause instanceof RookeryError ? cause : invalid('is no file: address');
    }
  }
  // A letter and a colon may be a drive.
  if (/^[a-zA-Z][a-zA-Z0-9+.-]+:\/\//.test(text)) throw invalid('is neither s3:// nor file://');
  return { kind: 'fs', folder: isAbsolute(text) ? resolve(text) : resolve(process.cwd(), text) };
}
