import { describeIssues, RookeryError, TaskItem } from '@rookery/contracts';
import { csvFields } from './csv-fields.ts';
import { decodeFormKey } from './decode-key.ts';
import type { SourceEntry } from './key-source.ts';

/** What a row of a list becomes; `undefined`: it names no picture of this job (an old version, a delete marker, an empty line). */
export type ReadRow = (text: string) => Omit<SourceEntry, 'next'> | undefined;

/** Keys one a line, as they are, or as `s3://bucket/key`. */
export function readKeyLine(bucket: string): ReadRow {
  const keyOf = keyReader(bucket);
  return (text) => (text.trim() === '' ? undefined : { item: checkedItem({ key: keyOf(text) }) });
}

/** A key that may stand as its address. @throws {RookeryError} BUCKET_REFUSED for an address of another bucket */
function keyReader(bucket: string): (text: string) => string {
  const root = bucket.startsWith('file:') ? `${bucket.replace(/\/$/, '')}/` : `s3://${bucket}/`;
  return (text) => {
    const key = text.startsWith(root) ? text.slice(root.length) : text;
    if (/^(s3|file):\/\//.test(key)) throw foreignBucket(text, bucket);
    return key;
  };
}

/** Names of columns in the various lists, without regard to case, `-` and `_`. */
interface Columns {
  readonly bucket?: number;
  readonly key: number;
  readonly etag?: number;
  readonly versionid?: number;
  readonly size?: number;
  readonly lastmodifieddate?: number;
  readonly islatest?: number;
  readonly isdeletemarker?: number;
}

/** @throws {RookeryError} USAGE where no column is called key. */
export function columnsOf(names: readonly string[], where: string): Columns {
  const at = new Map(names.map((name, index) => [name.trim().toLowerCase().replaceAll(/[-_ ]/g, ''), index]));
  const key = at.get('key');
  if (key === undefined)
    throw new RookeryError('USAGE', { detail: `${where} has no column "key": ${names.join(', ')}` });
  const found: Record<string, number> = { key };
  for (const name of ['bucket', 'etag', 'versionid', 'size', 'lastmodifieddate', 'islatest', 'isdeletemarker']) {
    const index = at.get(name) ?? (name === 'lastmodifieddate' ? at.get('lastmodified') : undefined);
    if (index !== undefined) found[name] = index;
  }
  return found as unknown as Columns;
}

export interface ReadFieldsOptions {
  /** Rows of another bucket are an error. */
  readonly bucket: string;
  /** Keys are form encoded, as in S3's own lists. */
  readonly encoded: boolean;
}

/** Rows of a CSV file with these columns. Keys that are not encoded may stand as addresses. */
export function readCsvRow(columns: Columns, { bucket, encoded }: ReadFieldsOptions): ReadRow {
  const keyOf = encoded ? decodeFormKey : keyReader(bucket);
  const at = (fields: readonly string[], index: number | undefined) =>
    index === undefined ? '' : (fields[index] ?? '');
  return (text) => {
    if (text.trim() === '') return undefined;
    const fields = csvFields(text);
    const of = at(fields, columns.bucket);
    if (of !== '' && of !== bucket) throw foreignBucket(of, bucket);
    if (at(fields, columns.islatest) === 'false' || at(fields, columns.isdeletemarker) === 'true') return undefined;
    const key = at(fields, columns.key);
    const etag = at(fields, columns.etag).replaceAll('"', '');
    const versionId = at(fields, columns.versionid);
    const size = at(fields, columns.size);
    const date = Date.parse(at(fields, columns.lastmodifieddate));
    return {
      item: checkedItem({
        key: keyOf(key),
        ...(etag && { etag }),
        ...(versionId && { versionId }),
      }),
      ...(/^\d+$/.test(size) && { sizeBytes: Number(size) }),
      ...(Number.isNaN(date) ? {} : { lastModified: new Date(date) }),
    };
  };
}

/**
 * The reader for a CSV file by its first row. With a row of titles, columns are found by name; without, the row is `key[,etag]`, or
 * `bucket,key[,version]` with encoded keys, as S3 Batch Operations writes it. @throws {RookeryError} USAGE for titles between other signs
 */
export function csvReader(firstRow: string, bucket: string): { hasTitles: boolean; read: ReadRow } {
  const fields = csvFields(firstRow);
  if (fields.some((field) => field.trim().toLowerCase() === 'key'))
    return { hasTitles: true, read: readCsvRow(columnsOf(fields, 'the list'), { bucket, encoded: false }) };
  if (fields.length === 1 && firstRow.split(/[;\t]/).some((title) => /^"?key"?$/i.test(title.trim())))
    throw new RookeryError('USAGE', {
      detail: `the fields of a list are separated by commas: ${firstRow.slice(0, 200)}`,
    });
  if (fields.length > 1 && fields[0] === bucket)
    return { hasTitles: false, read: readCsvRow({ bucket: 0, key: 1, versionid: 2 }, { bucket, encoded: true }) };
  return { hasTitles: false, read: readCsvRow({ key: 0, etag: 1 }, { bucket, encoded: false }) };
}

/** @throws {RookeryError} KEY_INVALID where no task may name it */
export function checkedItem(item: TaskItem): TaskItem {
  const { key, etag = '', versionId = '' } = item;
  if (key.length > 0 && key.length <= 1024 && etag.length <= 256 && versionId.length <= 1024) return item;
  const parsed = TaskItem.safeParse(item);
  const why = parsed.error ? describeIssues(parsed.error) : 'no task may name it';
  throw new RookeryError('KEY_INVALID', { detail: `${JSON.stringify(key.slice(0, 200))}: ${why}` });
}

const foreignBucket = (of: string, bucket: string): RookeryError =>
  new RookeryError('BUCKET_REFUSED', { detail: `the list names ${of.slice(0, 200)}; the job is for ${bucket}` });
