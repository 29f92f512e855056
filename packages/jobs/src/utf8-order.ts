/**
 * Compares as the UTF-8 bytes compare, which is the order of every store's listing: negative, 0 or positive. JavaScript's own order is
 * that of UTF-16 units and differs where a surrogate pair meets U+E000 to U+FFFF. The fix-up is the one of the Unicode FAQ's
 * "UTF-16 in code point order": units from 0xE000 move below the surrogates.
 */
export function compareUtf8(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return inCodePointOrder(left) - inCodePointOrder(right);
  }
  return a.length - b.length;
}

const inCodePointOrder = (unit: number): number =>
  unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
