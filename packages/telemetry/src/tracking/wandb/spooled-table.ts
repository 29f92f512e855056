import { createHash, randomBytes } from 'node:crypto';
import { encodeTable } from '../encode-table.ts';
import type { TableRows } from '../tracker.ts';

/** A table on its way: what the official client keeps as a file of the run, and with its pictures as an artifact of type `run_table`. */
export interface SpooledTable {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly json: string;
  /** By path, in Base64. */
  readonly pictures: Readonly<Record<string, string>>;
  /** Made by the client: the history names the artifact before the server knows it. */
  readonly clientId: string;
}

/** The path of a spooled request that is no request of the official client. */
export const tablePath = '/table';

export function spooledTable(name: string, table: TableRows): SpooledTable {
  const { json, pictures } = encodeTable(table);
  return {
    name,
    rows: table.rows.length,
    columns: table.columns.length,
    json,
    pictures: Object.fromEntries([...pictures].map(([path, bytes]) => [path, Buffer.from(bytes).toString('base64')])),
    clientId: randomBytes(32).toString('hex'),
  };
}

/** Its place in the artifact. */
export const fileOf = ({ name }: SpooledTable): string => `${encodeURIComponent(name)}.table.json`;

/** A file of the run, by its contents: another table of the same name has another one. */
export const mediaOf = ({ name, json }: SpooledTable): string =>
  `media/table/${encodeURIComponent(name)}_${sha256Of(json).slice(0, 20)}.table.json`;

/** What stands in the history for the table (`Table.to_json` of the official client). */
export const tableReference = (table: SpooledTable): Readonly<Record<string, unknown>> => ({
  _type: 'table-file',
  path: mediaOf(table),
  sha256: sha256Of(table.json),
  size: Buffer.byteLength(table.json),
  nrows: table.rows,
  ncols: table.columns,
  log_mode: 'IMMUTABLE',
  artifact_path: `wandb-client-artifact://${table.clientId}/${fileOf(table)}`,
});

export const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');
