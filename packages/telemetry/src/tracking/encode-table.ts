import { createHash } from 'node:crypto';
import type { TableCell, TablePicture, TableRows } from './tracker.ts';

export interface EncodedTable {
  /** A table as W&B's own client writes it into an artifact (`Table.to_json`). */
  readonly json: string;
  /** Pictures by the path that the table names them by: `media/images/<digest>.jpg`. */
  readonly pictures: ReadonlyMap<string, Uint8Array>;
}

export function encodeTable({ columns, rows }: TableRows): EncodedTable {
  const pictures = new Map<string, Uint8Array>();
  const encode = (cell: TableCell): unknown => {
    if (!isPicture(cell)) return cell;
    const sha256 = createHash('sha256').update(cell.jpeg).digest('hex');
    const path = `media/images/${sha256.slice(0, 20)}.jpg`;
    pictures.set(path, cell.jpeg);
    const { width, height } = cell;
    return { _type: 'image-file', path, sha256, size: cell.jpeg.byteLength, format: 'jpg', width, height };
  };
  const table = {
    _type: 'table',
    columns,
    data: rows.map((row) => row.map(encode)),
    ncols: columns.length,
    nrows: rows.length,
    column_types: {
      wb_type: 'typedDict',
      params: { type_map: Object.fromEntries(columns.map((name, at) => [name, typeOf(rows.map((row) => row[at]))])) },
    },
    log_mode: 'IMMUTABLE',
  };
  return { json: JSON.stringify(table), pictures };
}

export const isPicture = (cell: TableCell): cell is TablePicture => typeof cell === 'object' && cell !== null;

/** Of a column; cells may be missing. */
function typeOf(cells: readonly (TableCell | undefined)[]): unknown {
  const some = cells.find((cell) => cell !== null && cell !== undefined) ?? null;
  if (some === null) return { wb_type: 'none' };
  const kind = isPicture(some) ? pictureType : { wb_type: typeof some === 'number' ? 'number' : 'string' };
  return { wb_type: 'union', params: { allowed_types: [{ wb_type: 'none' }, kind] } };
}

const never = (val: object, isSet: boolean) => ({ wb_type: 'const', params: { val, is_set: isSet } });

/** A picture without boxes, masks and classes. */
const pictureType = {
  wb_type: 'image-file',
  params: {
    box_layers: never({}, false),
    box_score_keys: never([], true),
    mask_layers: never({}, false),
    box_class_maps: never({}, false),
    mask_class_maps: never({}, false),
    class_map: never({}, false),
  },
};
