import type { ObjectStore } from '@rookery/storage';
import type { KeySource, SourceEntry } from './key-source.ts';

/** Every object below a prefix of a bucket, as its listing tells it, a page a piece. */
export function prefixSource(pictures: ObjectStore, prefix: string): KeySource {
  return {
    sorted: true,
    async *entries({ afterKey }, signal) {
      for await (const page of pictures.list(prefix, { startAfter: afterKey, signal }))
        yield page.map(
          ({ key, etag, sizeBytes, lastModified }): SourceEntry => ({
            item: { key, etag },
            sizeBytes,
            lastModified,
            next: { afterKey: key },
          }),
        );
    },
  };
}
