import { CsvError, parse } from 'csv-parse/sync';
import { type LabelEntry, labelsInvalid } from './label-entry.ts';

interface Row {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/** Rows of `id,name` under a line of titles; other columns are left alone. */
export function readCsv(text: string, fileName: string): LabelEntry[] {
  const [titles, ...rows] = parseRows(text, fileName);
  if (!titles) return [];
  const names = titles.record.map((title) => title.trim().toLowerCase());
  const [idColumn, nameColumn] = [names.indexOf('id'), names.indexOf('name')];
  if (idColumn < 0 || nameColumn < 0)
    throw labelsInvalid(
      fileName,
      titles.info.lines,
      `the first line should have the columns id and name, not ${names.slice(0, 8).join(', ').slice(0, 100)}`,
    );
  return rows.map(({ record, info }) => {
    const id = record[idColumn]?.trim() ?? '';
    if (!/^\d{1,9}$/.test(id)) throw labelsInvalid(fileName, info.lines, `"${id}" is no index`);
    return { index: Number(id), name: record[nameColumn] ?? '', line: info.lines };
  });
}

function parseRows(text: string, fileName: string): Row[] {
  try {
    return parse(text, { info: true, skip_empty_lines: true }) as unknown as Row[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = 'lines' in error && typeof error.lines === 'number' ? error.lines : undefined;
    throw labelsInvalid(fileName, line, error.message, error);
  }
}
