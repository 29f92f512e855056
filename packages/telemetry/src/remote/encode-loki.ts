import type { LogEntry } from './log-entry.ts';

/**
 * The body of Loki's `POST /loki/api/v1/push`. Labels are `service` and `level` only, whose values are few; everything else stands in
 * the line.
 */
export function encodeLoki(entries: readonly LogEntry[]): string {
  const streams = new Map<string, { stream: Record<string, string>; values: [string, string][] }>();
  for (const [index, { line, service, level, timeMs }] of entries.entries()) {
    const name = `${service}\n${level}`;
    const stream = streams.get(name) ?? { stream: { service, level }, values: [] };
    streams.set(name, stream);
    // Lines of one millisecond keep their order, and equal ones are not taken for repetitions.
    stream.values.push([`${timeMs}${String(index % 1_000_000).padStart(6, '0')}`, line]);
  }
  return JSON.stringify({ streams: [...streams.values()] });
}
