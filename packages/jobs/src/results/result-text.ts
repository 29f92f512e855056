import type { ResultLine } from '@rookery/contracts';

/**
 * Begins the error of an encoded line. Nothing else in a line can look like it: in a key or a label the quotes are escaped. So lines
 * are counted and chosen without being parsed.
 */
const errorMark = Buffer.from(',"error":{"code":"');
const lineFeed = 0x0a;

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Lines with an error among encoded lines. */
export function countFailed(bytes: Uint8Array): number {
  const text = asBuffer(bytes);
  let count = 0;
  for (let at = text.indexOf(errorMark); at >= 0; at = text.indexOf(errorMark, at + errorMark.length)) count++;
  return count;
}

/** How many of the encoded lines have which error. */
export function countErrors(bytes: Uint8Array): Map<string, number> {
  const text = asBuffer(bytes);
  const counts = new Map<string, number>();
  for (let at = text.indexOf(errorMark); at >= 0; at = text.indexOf(errorMark, at)) {
    at += errorMark.length;
    const code = text.toString('latin1', at, text.indexOf('"', at));
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return counts;
}

/** Only the encoded lines that have an error. */
export function onlyFailed(bytes: Uint8Array): Uint8Array {
  const text = asBuffer(bytes);
  const kept: Buffer[] = [];
  for (let at = text.indexOf(errorMark); at >= 0; ) {
    const start = text.lastIndexOf(lineFeed, at) + 1;
    const end = text.indexOf(lineFeed, at) + 1 || text.length;
    kept.push(text.subarray(start, end));
    at = text.indexOf(errorMark, end);
  }
  return Buffer.concat(kept);
}

/** The lines, as this program wrote them: their shape is not checked, since a million are read at once. @throws {SyntaxError} */
export function readLines(bytes: Uint8Array): ResultLine[] {
  const text = asBuffer(bytes).toString('utf8');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as ResultLine]));
}
