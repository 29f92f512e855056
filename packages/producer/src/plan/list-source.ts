import { RookeryError } from '@rookery/contracts';
import type { ObjectStore } from '@rookery/storage';
import { byteLines } from './byte-lines.ts';
import type { KeySource, SourceEntry } from './key-source.ts';
import { csvReader, type ReadRow, readKeyLine } from './list-columns.ts';

export interface ListSourceOptions {
  readonly store: ObjectStore;
  /** Of the list in `store`. */
  readonly key: string;
  readonly bucket: string;
  readonly format: 'lines' | 'csv';
}

/** Pictures named by a file in a store: keys one a line, or CSV. It goes on at a byte. */
export function listSource({ store, key, bucket, format }: ListSourceOptions): KeySource {
  return {
    sorted: false,
    async *entries({ offset = 0 }, signal) {
      const info = await store.head(key, signal);
      if (!info) throw new RookeryError('OBJECT_NOT_FOUND', { detail: `${store.location}${key}` });
      if (offset >= info.sizeBytes) return;
      const quoted = format === 'csv';
      let read: ReadRow | undefined = quoted ? undefined : readKeyLine(bucket);
      if (quoted && offset > 0) read = csvReader(await firstRow(store, key, signal), bucket).read;
      const range = offset > 0 ? { start: offset, end: info.sizeBytes - 1 } : undefined;
      const { chunks } = await store.read(key, { signal, range, ifMatch: info.etag });
      let isFirst = offset === 0;
      for await (const lines of byteLines(chunks, { quoted, start: offset })) {
        const entries: SourceEntry[] = [];
        for (const { text, end } of lines) {
          const line = isFirst ? text.replace(/^\uFEFF/, '') : text;
          if (!read) {
            const reader = csvReader(line, bucket);
            read = reader.read;
            isFirst = false;
            if (reader.hasTitles) continue;
          }
          isFirst = false;
          const entry = read(line);
          if (entry) entries.push({ ...entry, next: { offset: end } });
        }
        yield entries;
      }
    },
  };
}

async function firstRow(store: ObjectStore, key: string, signal?: AbortSignal): Promise<string> {
  const { chunks } = await store.read(key, { signal });
  for await (const [first] of byteLines(chunks, { quoted: true })) if (first) return first.text.replace(/^\uFEFF/, '');
  return '';
}
