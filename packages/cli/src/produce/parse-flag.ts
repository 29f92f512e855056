import { RookeryError } from '@rookery/contracts';
import type { Kind } from '../config/kinds.ts';

/** A value of the command line that no environment or file can set. @throws {RookeryError} USAGE naming the flag and what is allowed. */
export function parseFlag<T>(flag: string, kind: Kind<T>, value: string | undefined): T | undefined {
  if (value === undefined) return undefined;
  const parsed = kind.schema().safeParse(value);
  if (parsed.success) return parsed.data;
  throw new RookeryError('USAGE', { detail: `${flag}: got ${JSON.stringify(value)}, allowed: ${kind.allowed}` });
}

/** A moment in ISO 8601: a day is its first moment in UTC. @throws {RookeryError} USAGE */
export function parseTime(flag: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const at = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(value) ? Date.parse(value) : Number.NaN;
  // The 31st of February would be the 3rd of March.
  const isDay = !Number.isNaN(at) && new Date(value.slice(0, 10)).toISOString().startsWith(value.slice(0, 10));
  if (isDay) return new Date(at).toISOString();
  const allowed = 'a time such as 2026-01-31 or 2026-01-31T12:00:00Z';
  throw new RookeryError('USAGE', { detail: `${flag}: got ${JSON.stringify(value)}, allowed: ${allowed}` });
}
