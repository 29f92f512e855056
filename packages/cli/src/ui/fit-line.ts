import type { colours } from './colours.ts';
import { visibleWidth } from './table.ts';

const barWidth = 24;

/** `━━━━──────`, so much of it filled. */
export function barOf(share: number, paint: ReturnType<typeof colours>): string {
  const filled = Math.floor(share * barWidth);
  return `${paint.cyan('━'.repeat(filled))}${paint.dim('─'.repeat(barWidth - filled))}`;
}

/**
 * A bar and words behind it, as many as fit a terminal of `columns`: the bar goes first, then what stands last. A line that is wrapped
 * could not be taken away again.
 */
export function fitLine(bar: string | undefined, parts: readonly string[], columns: number): string {
  const words = (count: number): string => parts.slice(0, count).join('  ');
  const room = columns - 1;
  const all = words(parts.length);
  if (bar !== undefined && visibleWidth(all) + barWidth + 1 <= room) return `${bar} ${all}`;
  const fitting = parts.map((_, index) => words(parts.length - index)).find((line) => visibleWidth(line) <= room);
  return fitting ?? words(1);
}
