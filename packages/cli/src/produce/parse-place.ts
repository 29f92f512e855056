import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isBucketName, RookeryError } from '@rookery/contracts';
import { pathOfFileAddress } from '../file-address.ts';

/** A bucket as tasks name it, and a prefix in it. */
export interface Place {
  readonly bucket: string;
  readonly prefix: string;
}

/** `s3://bucket/prefix`, or a folder: the whole of it. @throws {RookeryError} USAGE, SOURCE_NOT_FOUND */
export async function parsePlace(text: string, cwd: string): Promise<Place> {
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(text) ?? [];
  if (bucket !== undefined) {
    if (!isBucketName(bucket))
      throw new RookeryError('USAGE', {
        detail: `${text}: a bucket's name is of 3 to 63 lower-case letters, digits, "." or "-"`,
      });
    return { bucket, prefix };
  }
  const folder = localPath(text, cwd);
  const stats = await stat(folder).catch(() => undefined);
  if (!stats) throw new RookeryError('SOURCE_NOT_FOUND', { detail: text });
  if (!stats.isDirectory()) throw new RookeryError('USAGE', { detail: `${text} is not a folder` });
  return { bucket: pathToFileURL(folder).href, prefix: '' };
}

/** A path or `file:` address as an absolute path. @throws {RookeryError} USAGE for other addresses. */
export function localPath(text: string, cwd: string): string {
  if (text.startsWith('file:')) return pathOfFileAddress(text);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text))
    throw new RookeryError('USAGE', { detail: `${text}: allowed are s3://bucket/prefix and folders` });
  return resolve(cwd, text);
}

/** Where Rookery's own store is: a path counts from the folder that the command runs in. */
export const storeLocation = (location: string, cwd: string): string =>
  /^(file:|[a-z][a-z0-9+.-]*:\/\/)/i.test(location) ? location : resolve(cwd, location);
