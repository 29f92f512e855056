import { RookeryError } from '@rookery/contracts';
import { duration } from '../config/kinds.ts';

/** `24h`, `7d` before `nowMs`, or a date, as milliseconds since the epoch. @throws {RookeryError} USAGE */
export function sinceOf(text: string, nowMs: number, flag = '--since'): number {
  const span = duration(0)
    .schema()
    .safeParse(/^\d+$/.test(text) ? undefined : text);
  if (span.success) return nowMs - span.data;
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw new RookeryError('USAGE', {
    detail: `${flag}: "${text}" is neither a time such as 30m, 24h or 7d nor a date such as 2026-11-24`,
  });
}
