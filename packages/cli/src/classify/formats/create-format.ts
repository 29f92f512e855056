import type { Colours } from '../../ui/colours.ts';
import { csvFormat } from './csv.ts';
import type { Format } from './format.ts';
import { jsonFormat, jsonlFormat } from './json.ts';
import { tableFormat } from './table.ts';

export function createFormat(name: 'table' | 'json' | 'jsonl' | 'csv', paint: Colours): Format {
  switch (name) {
    case 'json':
      return jsonFormat();
    case 'jsonl':
      return jsonlFormat();
    case 'csv':
      return csvFormat();
    case 'table':
      return tableFormat(paint);
  }
}
