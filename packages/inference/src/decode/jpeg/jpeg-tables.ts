/**
 * Which Huffman tables a DHT segment defines (ITU-T T.81, B.2.4.2): 0 to 3 for DC, 16 to 19 for AC. `undefined` where a decoder would
 * refuse one of them.
 */
export function huffmanTables(segment: Uint8Array): number[] | undefined {
  const tables: number[] = [];
  let at = 0;
  while (at < segment.length) {
    const table = segment[at] as number;
    const counts = segment.subarray(at + 1, at + 17);
    if ((table & 0xef) > 3 || counts.length < 16) return undefined;
    const symbols = counts.reduce((sum, count) => sum + count, 0);
    const values = segment.subarray(at + 17, at + 17 + symbols);
    if (symbols > 256 || values.length < symbols || !isPrefixCode(counts)) return undefined;
    // A difference of DC values has at most 15 bits.
    if (table < 16 && values.some((value) => value > 15)) return undefined;
    tables.push(table);
    at += 17 + symbols;
  }
  return tables;
}

/** Whether there are enough codes of each length (ITU-T T.81, C.2). */
function isPrefixCode(counts: Uint8Array): boolean {
  let code = 0;
  for (let length = 1; length <= 16; length++) {
    code += counts[length - 1] as number;
    if (code > 1 << length) return false;
    code <<= 1;
  }
  return true;
}
