import { entryOf, logLevels } from '@rookery/telemetry';

/** Which lines are wanted. All conditions that are given must hold. */
export interface LogFilter {
  /** This level and worse. */
  readonly level?: string | undefined;
  readonly service?: string | undefined;
  readonly job?: string | undefined;
  readonly task?: string | undefined;
  readonly key?: string | undefined;
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  /** Stands somewhere in the line. */
  readonly grep?: string | undefined;
}

const ranks = new Map<string, number>(logLevels.map((level, rank) => [level, rank]));

/** Whether a line is asked for. What is no line of a log has only its text. */
export function matches(line: string, filter: LogFilter): boolean {
  const { fields, level, service, timeMs } = entryOf(line, Number.NaN);
  const { sinceMs, untilMs, grep } = filter;
  if (grep !== undefined && !line.includes(grep)) return false;
  if (filter.level !== undefined && (ranks.get(level) ?? 0) < (ranks.get(filter.level) ?? 0)) return false;
  if (filter.service !== undefined && service !== filter.service) return false;
  if (sinceMs !== undefined && !(timeMs >= sinceMs)) return false;
  if (untilMs !== undefined && !(timeMs < untilMs)) return false;
  return (['job', 'task', 'key'] as const).every(
    (name) => filter[name] === undefined || (fields[name] !== undefined && String(fields[name]) === filter[name]),
  );
}
