import { realpathSync, statSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { isBucketName, RookeryError } from '@rookery/contracts';
import type { FsStoreOptions } from './fs/fs-store.ts';
import type { ObjectStore } from './object-store.ts';
import { storeAt } from './open-store.ts';
import { parseLocation } from './parse-location.ts';
import { S3Connection } from './s3/s3-connection.ts';
import type { S3Options } from './s3/s3-options.ts';

export interface BucketsOptions {
  /**
   * What may be opened: names of S3 buckets (`pictures`, `uploads-*`, with or without `s3://`), folders (`file:///pictures` or a path) with
   * what lies below them. A plain name is also the folder of that name, where there is one here. Nothing else.
   */
  readonly allow: readonly string[];
  readonly s3?: S3Options | S3Connection | undefined;
  readonly fs?: FsStoreOptions | undefined;
}

/** The buckets that tasks may name. Their stores share one S3 client; dispose of this, not of them. */
export interface Buckets extends AsyncDisposable {
  /**
   * @param bucket As in a task: an S3 bucket's name, or the `file:///` address of a folder.
   * @throws {RookeryError} BUCKET_REFUSED for what is not allowed. Listing a folder that is not there is STORE_NOT_FOUND.
   */
  open(bucket: string): ObjectStore;
}

const asPattern = (glob: string): RegExp =>
  new RegExp(`^${glob.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[a-zA-Z0-9._-]*')}$`);

/** Where a folder really lies, links followed, as far as it is there. */
function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** What no bucket could match would leave every picture refused. @throws {RookeryError} REFERENCE_INVALID */
function checkedPattern(name: string, entry: string): RegExp {
  if (isBucketName(name.replaceAll('*', 'any'))) return asPattern(name);
  const why = name.includes('/') ? 'a bucket is allowed as a whole, without a prefix' : 'is no name of a bucket';
  throw new RookeryError('REFERENCE_INVALID', { detail: `${JSON.stringify(entry)}: ${why}` });
}

/** @throws {RookeryError} REFERENCE_INVALID for what can be neither a bucket nor a folder */
export function createBuckets(options: BucketsOptions): Buckets {
  const names: RegExp[] = [];
  const folders: string[] = [];
  for (const entry of options.allow) {
    if (entry.startsWith('s3://')) names.push(checkedPattern(entry.slice(5).replace(/\/$/, ''), entry));
    else if (entry.startsWith('file:') || /[/\\]/.test(entry)) {
      const parsed = parseLocation(entry);
      if (parsed.kind === 'fs') folders.push(realFolder(parsed.folder));
    } else if (isFolder(entry)) {
      folders.push(realFolder(resolve(entry)));
      names.push(asPattern(entry));
    } else names.push(checkedPattern(entry, entry));
  }

  const owned = options.s3 instanceof S3Connection ? undefined : new S3Connection(options.s3);
  const s3 = options.s3 instanceof S3Connection ? options.s3 : owned;
  const stores = new Map<string, ObjectStore>();

  const locate = (bucket: string): string => {
    const refused = new RookeryError('BUCKET_REFUSED', { detail: JSON.stringify(bucket.slice(0, 200)) });
    if (isBucketName(bucket)) {
      if (names.some((name) => name.test(bucket))) return `s3://${bucket}`;
      throw refused;
    }
    if (!bucket.startsWith('file:///') || bucket.includes('\0')) throw refused;
    let folder: string;
    try {
      const parsed = parseLocation(bucket);
      folder = parsed.kind === 'fs' ? realFolder(parsed.folder) : '';
    } catch {
      throw refused;
    }
    const inside = folders.some(
      (allowed) => folder === allowed || folder.startsWith(allowed.endsWith(sep) ? allowed : allowed + sep),
    );
    if (!inside) throw refused;
    return folder;
  };

  return {
    open(bucket) {
      const known = stores.get(bucket);
      if (known) return known;
      const store = storeAt(locate(bucket), { s3, fs: { ...options.fs, mustExist: true } });
      stores.set(bucket, store);
      return store;
    },
    async [Symbol.asyncDispose]() {
      stores.clear();
      await owned?.[Symbol.asyncDispose]();
    },
  };
}
