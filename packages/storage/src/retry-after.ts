/** How long Retry-After asks to wait, in seconds or until a date, as RFC 9110 has it; undefined where it says neither. */
export function retryAfterMs(header: string | undefined, longestMs: number, now = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  const waitMs = /^\d+(\.\d+)?$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isFinite(waitMs) ? Math.min(Math.max(0, waitMs), longestMs) : undefined;
}
