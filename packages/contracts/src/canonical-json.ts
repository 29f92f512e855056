/**
 * JSON with object keys sorted by code unit, no white space and no undefined members: equal values give equal bytes.
 * Numbers are written as ECMAScript writes them, as RFC 8785 asks.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    member !== null && typeof member === 'object' && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : member,
  );
}
