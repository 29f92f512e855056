import { canBeginKey } from '../check-key.ts';
import type { ListOptions, ObjectInfo } from '../object-store.ts';
import type { S3Connection } from './s3-connection.ts';

interface ListTarget {
  readonly bucket: string;
  /** The store's own; keys are given without it. */
  readonly storePrefix: string;
  readonly prefix: string;
}

/** Keys are asked for percent-encoded, since XML cannot hold every character; a server may ignore that. */
const decoded = (text: string, encoding: string | undefined): string =>
  encoding === 'url' ? decodeURIComponent(text.replaceAll('+', ' ')) : text;

/** Pages of a bucket's listing (ListObjectsV2), one request each. A page that fails is asked for again by itself. */
export async function* listBucket(
  connection: S3Connection,
  { bucket, storePrefix, prefix }: ListTarget,
  options: ListOptions,
): AsyncGenerator<readonly ObjectInfo[]> {
  const { startAfter = '', pageSize = 1000, signal } = options;
  if (!canBeginKey(prefix)) return;
  for (let token: string | undefined, first = true; first || token !== undefined; first = false) {
    const page = await connection.request(`listing s3://${bucket}/${storePrefix}${prefix}`, signal, ({ sdk, client }) =>
      client.send(
        new sdk.ListObjectsV2Command({
          Bucket: bucket,
          Prefix: storePrefix + prefix,
          MaxKeys: Math.min(1000, pageSize),
          EncodingType: 'url',
          ...(token === undefined
            ? startAfter !== '' && { StartAfter: storePrefix + startAfter }
            : { ContinuationToken: token }),
        }),
        signal ? { abortSignal: signal } : {},
      ),
    );
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
    const infos = (page.Contents ?? []).map((object) => ({
      key: decoded(object.Key ?? '', page.EncodingType).slice(storePrefix.length),
      etag: (object.ETag ?? '').replaceAll('"', ''),
      sizeBytes: object.Size ?? 0,
      lastModified: object.LastModified ?? new Date(0),
    }));
    // Markers of empty folders below the store's prefix: the prefix itself is no key.
    const keys = infos.filter(({ key }) => key !== '');
    if (keys.length > 0) yield keys;
  }
}
