import { type Job, type JobSource, jobLayout, RookeryError } from '@rookery/contracts';
import { type JobLedger, ownKeys } from '@rookery/jobs';
import type { ObjectStore } from '@rookery/storage';
import { createFilter } from './filter.ts';
import { inventorySource } from './inventory-source.ts';
import type { KeySource } from './key-source.ts';
import { listSource } from './list-source.ts';
import { prefixSource } from './prefix-source.ts';
import { shardSource } from './shard-source.ts';

/** Opens an S3 bucket by its name, or a folder by its `file:///` address. @throws {RookeryError} BUCKET_REFUSED */
export type OpenBucket = (bucket: string) => ObjectStore | Promise<ObjectStore>;

/** What a job's source names, filtered but for its limit. Rookery's own keys never come out. */
export async function openSource(
  ledger: JobLedger,
  open: OpenBucket,
  id: string,
  source: JobSource,
): Promise<KeySource> {
  const pictures = await open(source.bucket);
  const isOwn = ownKeys(ledger.store.location, source.bucket);
  if (source.kind === 'prefix') {
    const { prefix, filter } = source;
    return filtered(prefixSource(pictures, prefix), createFilter(filter, { prefix, isOwn }));
  }
  if (source.kind === 'shards') {
    const { prefix, glob, filter } = source;
    return shardSource({ pictures, prefix, glob, isOwn, keep: createFilter(filter, { prefix, isOwn }) });
  }
  const keep = createFilter(source.filter, { prefix: '', isOwn });
  const { store, key } = await manifestPlace(ledger, open, id, source.manifest, pictures);
  const { bucket, format } = source;
  const list =
    format === 'inventory' ? inventorySource({ store, key, bucket }) : listSource({ store, key, bucket, format });
  return filtered(list, keep);
}

function filtered(source: KeySource, keep: ReturnType<typeof createFilter>): KeySource {
  return {
    sorted: source.sorted,
    async *entries(from, signal) {
      for await (const piece of source.entries(from, signal)) yield piece.filter(keep);
    },
  };
}

/** A manifest is the copy in the job's folder, an object with its full address, or a key in the pictures' bucket. */
async function manifestPlace(
  ledger: JobLedger,
  open: OpenBucket,
  id: string,
  manifest: string,
  pictures: ObjectStore,
): Promise<{ store: ObjectStore; key: string }> {
  if (manifest === jobLayout(id).manifest) return { store: ledger.store, key: manifest };
  if (!manifest.includes('://')) return { store: pictures, key: manifest };
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(manifest) ?? /^(file:\/\/.*)\/([^/]+)$/.exec(manifest) ?? [];
  if (bucket === undefined || key === undefined)
    throw new RookeryError('USAGE', { detail: `${manifest} is not the address of a manifest` });
  return { store: await open(bucket), key: bucket.startsWith('file:') ? decodeURIComponent(key) : key };
}

/** For messages: what a job labels. */
export const describeSource = ({ source }: Pick<Job, 'source'>): string =>
  source.kind === 'manifest' ? source.manifest : `${source.bucket}/${source.prefix}`;
