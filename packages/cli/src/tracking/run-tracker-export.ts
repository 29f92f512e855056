import type { CommandContext } from '../context.ts';
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
  await context.stdout.write(`${columns.map(cell).join(',')}\n`);
  for (const row of rows) await context.stdout.write(`${columns.map((column) => cell(row[column])).join(',')}\n`);
}

/** RFC 4180; histograms as JSON. */
function cell(value: unknown): string {
  const text = value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
