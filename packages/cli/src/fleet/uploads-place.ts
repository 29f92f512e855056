import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RookeryError } from '@rookery/contracts';
import { parseLocation } from '@rookery/storage';
import type { Config } from '../config.ts';

/** Where pictures are put for jobs. */
export interface UploadsPlace {
  /** As jobs name it. */
  readonly bucket: string;
  /** What has to be allowed, so that services and workers may read it. */
  readonly allow: string;
}

/**
 * The configured bucket or folder, else the one that the store lies in. Pictures lie below `uploads/`, apart from what Rookery itself
 * writes. @throws {RookeryError} CONFIG_INVALID
 */
export function uploadsPlace({ api }: Pick<Config, 'api'>, location: string): UploadsPlace {
  const place = parseLocation(api.uploads ?? location);
  if (place.kind === 'fs') {
    const bucket = pathToFileURL(resolve(place.folder)).href;
    return { bucket, allow: bucket };
  }
  if (api.uploads !== undefined && place.prefix !== '')
    throw new RookeryError('CONFIG_INVALID', {
      detail: `api.uploads ${JSON.stringify(api.uploads)}: a bucket or a folder, without a prefix; pictures lie below uploads/`,
    });
  return { bucket: place.bucket, allow: `s3://${place.bucket}` };
}
