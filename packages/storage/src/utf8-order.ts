/** A UTF-16 code unit moved so that units compare as the code points they belong to do: surrogates after the rest of the BMP. */
const inCodePointOrder = (unit: number): number =>
  unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800;

/**
 * Compares as the UTF-8 bytes of both strings do, which is the order of listings everywhere. JavaScript's `<` differs from it where
 * surrogates meet U+E000 to U+FFFF.
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return inCodePointOrder(x) - inCodePointOrder(y);
  }
  return a.length - b.length;
}

/** Sorts in place in the order of the strings' UTF-8 bytes. */
export function sortUtf8(strings: string[]): string[] {
  // The engine's own order is many times faster, and the same where there are no such units.
  return strings.some((string) => /[\ud800-\uffff]/.test(string)) ? strings.sort(compareUtf8) : strings.sort();
}
