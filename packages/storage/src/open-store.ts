import { FsStore, type FsStoreOptions } from './fs/fs-store.ts';
import type { ObjectStore } from './object-store.ts';
import { parseLocation } from './parse-location.ts';
import { S3Connection } from './s3/s3-connection.ts';
import type { S3Options } from './s3/s3-options.ts';
import { S3Store } from './s3/s3-store.ts';

export interface OpenStoreOptions {
  /** How to reach S3: options, or a connection that other stores share (and that outlives this one). */
  s3?: S3Options | S3Connection | undefined;
  fs?: FsStoreOptions | undefined;
}

/**
 * The store of `s3://bucket/prefix`, `file:///folder` or a plain path. Nothing is asked or made before the first use.
 * @throws {RookeryError} REFERENCE_INVALID
 */
export async function openStore(location: string, options: OpenStoreOptions = {}): Promise<ObjectStore> {
  return storeAt(location, options);
}

/** As `openStore`, at once. */
export function storeAt(location: string, options: OpenStoreOptions = {}): ObjectStore {
  const parsed = parseLocation(location);
  if (parsed.kind === 'fs') return new FsStore(parsed.folder, options.fs);
  const owned = !(options.s3 instanceof S3Connection);
  const connection = options.s3 instanceof S3Connection ? options.s3 : new S3Connection(options.s3);
  return new S3Store(connection, { bucket: parsed.bucket, prefix: parsed.prefix, owned });
}
