import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { describeIssues, RookeryError } from '@rookery/contracts';
import type { ObjectStore } from '@rookery/storage';
import * as z from 'zod';
import { byteLines } from './byte-lines.ts';
import type { KeySource, SourceEntry } from './key-source.ts';
import { columnsOf, readCsvRow } from './list-columns.ts';

/** `manifest.json` of an S3 Inventory report: what of it is used. */
const InventoryManifest = z.object({
  sourceBucket: z.string(),
  fileFormat: z.string(),
  fileSchema: z.string(),
  files: z.array(z.object({ key: z.string() })),
});

/** An offset is the number of the file and the byte in it, unpacked: files of up to 64 GiB, 131,072 of them. */
const fileStride = 2 ** 36;

export interface InventorySourceOptions {
  readonly store: ObjectStore;
  /** Of the report's `manifest.json`, or of a single `.csv` or `.csv.gz` with `Bucket,Key` first. */
  readonly key: string;
  readonly bucket: string;
}

/**
 * Pictures of an S3 Inventory report in CSV: the current version of each object, keys decoded. It goes on in the file that it had
 * reached. @throws {RookeryError} USAGE for reports in ORC or Parquet.
 */
export function inventorySource({ store, key, bucket }: InventorySourceOptions): KeySource {
  return {
    sorted: false,
    async *entries({ offset = 0 }, signal) {
      const { files, columns } = await readReport(store, key, signal);
      const read = readCsvRow(columnsOf(columns, key), { bucket, encoded: true });
      const firstFile = Math.floor(offset / fileStride);
      for (const [index, file] of files.entries()) {
        if (index < firstFile) continue;
        const base = index * fileStride;
        for await (const lines of byteLines(await unpacked(store, file, signal), { quoted: true })) {
          const entries: SourceEntry[] = [];
          for (const { text, end } of lines) {
            if (base + end <= offset) continue;
            const entry = read(text);
            if (entry) entries.push({ ...entry, next: { offset: base + end } });
          }
          yield entries;
        }
      }
    },
  };
}

async function readReport(
  store: ObjectStore,
  key: string,
  signal?: AbortSignal,
): Promise<{ files: string[]; columns: string[] }> {
  if (!key.endsWith('.json')) return { files: [key], columns: ['Bucket', 'Key'] };
  const { body } = await store.get(key, { maxBytes: 256 * 1024 * 1024, signal });
  const parsed = InventoryManifest.safeParse(tryJson(Buffer.from(body).toString('utf8')));
  if (!parsed.success)
    throw new RookeryError('USAGE', {
      detail: `${key} is not the manifest of an inventory: ${describeIssues(parsed.error)}`,
    });
  const { fileFormat, fileSchema, files } = parsed.data;
  if (fileFormat.toUpperCase() !== 'CSV')
    throw new RookeryError('USAGE', { detail: `${key}: inventories in ${fileFormat} are not read, only CSV` });
  return { files: files.map((file) => file.key), columns: fileSchema.split(',') };
}

async function unpacked(store: ObjectStore, key: string, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  const { chunks } = await store.read(key, { signal });
  if (!key.endsWith('.gz')) return chunks;
  const gunzip = createGunzip();
  const source = Readable.from(chunks);
  source.on('error', (error) => gunzip.destroy(error));
  gunzip.on('close', () => source.destroy());
  return source.pipe(gunzip);
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
