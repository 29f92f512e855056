import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** First path segments of everything Rookery writes below its location. */
const ownFolders = new Set(['jobs', 'labels']);

/**
 * Whether a key of `bucket` (an S3 bucket's name or a folder's `file:///` address) lies under Rookery's own prefix: results, labels,
 * task files. Such a key must never become work, whatever filters say: the fleet would label its own output for ever.
 *
 * A location with a prefix of its own, and a folder inside the source, are Rookery's altogether. Where the source is the location itself
 * or lies inside it (`DIR/inbox` of `rookery up DIR`, a bucket without a prefix), only the folders that Rookery writes are.
 */
export function ownKeys(location: string, bucket: string): (key: string) => boolean {
  if (bucket.startsWith('file:') !== location.startsWith('file:')) return () => false;
  return bucket.startsWith('file:') ? ownFiles(location, bucket) : ownObjects(location, bucket);
}

function ownObjects(location: string, bucket: string): (key: string) => boolean {
  const [, host = '', path = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(location) ?? [];
  if (host !== bucket.replace(/^s3:\/\//, '').replace(/\/$/, '')) return () => false;
  const prefix = withSlash(path);
  return prefix === '' ? (key) => isOwnFolder(key) : (key) => key.startsWith(prefix) || key === prefix.slice(0, -1);
}

function ownFiles(location: string, bucket: string): (key: string) => boolean {
  const own = withSlash(realFolder(location));
  const folder = withSlash(realFolder(bucket));
  if (own !== folder && own.startsWith(folder)) {
    const prefix = own.slice(folder.length);
    return (key) => key.startsWith(prefix);
  }
  if (!folder.startsWith(own)) return () => false;
  const inside = folder.slice(own.length);
  return (key) => isOwnFolder(inside + key);
}

const isOwnFolder = (key: string): boolean => ownFolders.has(key.slice(0, Math.max(0, key.indexOf('/'))));
const withSlash = (path: string): string => (path === '' || path.endsWith('/') ? path : `${path}/`);

/** Where a folder really lies, links followed, as far as it is there. */
function realFolder(address: string): string {
  const folder = fileURLToPath(address);
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}
