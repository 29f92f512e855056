/**
 * How long a Retry-After header asks to wait, at most `longestMs`: seconds, or until a date, as RFC 9110 has it. Milliseconds; undefined where
 * there is none or it says neither.
 */
export function retryAfterMs(
  header: string | null | undefined,
  longestMs: number,
  now = Date.now(),
): number | undefined {
  if (header == null) return undefined;
  const waitMs = /^\d+(\.\d+)?$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isFinite(waitMs) ? Math.min(Math.max(0, waitMs), longestMs) : undefined;
}
