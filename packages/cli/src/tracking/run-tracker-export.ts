import type { CommandContext } from '../context.ts';
import { csvRow } from '../ui/csv-row.ts';
import { readHistory } from './file-runs.ts';

/** `rookery tracker export`. */
export async function runTrackerExport(
  run: string,
  { format }: { readonly format: 'csv' | 'jsonl' },
  context: CommandContext,
): Promise<void> {
  const config = await context.config();
  const rows = await readHistory(config.tracker.folder, run);
  if (format === 'jsonl') {
    for (const row of rows) await context.stdout.write(`${JSON.stringify(row)}\n`);
    return;
  }
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  await context.stdout.write(csvRow(columns));
  for (const row of rows) await context.stdout.write(csvRow(columns.map((column) => cell(row[column]))));
}

/** Histograms as JSON. */
const cell = (value: unknown): string =>
  value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
