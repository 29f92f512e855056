import { isUtf8 } from 'node:buffer';
import { RookeryError } from '@rookery/contracts';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

export interface ByteLine {
  /** Without its line end. */
  readonly text: string;
  /** First byte after it and its line end, counted from the stream's beginning. */
  readonly end: number;
}

/** Longer ones are no keys. Bytes. */
const maxLineBytes = 1024 * 1024;

/**
 * Lines of a byte stream with where each ends, in pieces as the stream comes. LF or CRLF. With `quoted`, a line end inside double quotes
 * belongs to the line (RFC 4180). @throws {RookeryError} USAGE for what is no such text: a line of more than a MiB, a quote that is not
 * closed, anything but UTF-8.
 */
export async function* byteLines(
  chunks: AsyncIterable<Uint8Array>,
  options: { quoted?: boolean; start?: number } = {},
): AsyncGenerator<ByteLine[]> {
  let rest: Buffer = Buffer.alloc(0);
  let restStart = options.start ?? 0;
  /** A quoted field is open at the end of `from`..: more lines belong to it. */
  for await (const chunk of chunks) {
    const bytes =
      rest.length > 0 ? Buffer.concat([rest, chunk]) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const lines: ByteLine[] = [];
    let from = 0;
    let searchFrom = 0;
    for (;;) {
      const at = bytes.indexOf(lineFeed, searchFrom);
      if (at < 0) break;
      if (options.quoted && hasOpenQuote(bytes, from, at)) {
        searchFrom = at + 1;
        continue;
      }
      lines.push({ text: lineText(bytes, from, at, restStart), end: restStart + at + 1 });
      from = at + 1;
      searchFrom = from;
    }
    restStart += from;
    // A copy: the stream may use its chunk again.
    rest = Buffer.from(bytes.subarray(from));
    if (rest.length > maxLineBytes)
      throw noList(
        options.quoted && hasOpenQuote(rest, 0, rest.length)
          ? `the quote that is opened in the line at byte ${restStart} is not closed`
          : `the line at byte ${restStart} is longer than ${maxLineBytes} bytes`,
      );
    if (lines.length > 0) yield lines;
  }
  if (rest.length === 0) return;
  if (options.quoted && hasOpenQuote(rest, 0, rest.length))
    throw noList(`the quote that is opened in the line at byte ${restStart} is not closed`);
  yield [{ text: lineText(rest, 0, rest.length, restStart), end: restStart + rest.length }];
}

function lineText(bytes: Buffer, from: number, end: number, offset: number): string {
  const last = end > from && bytes[end - 1] === carriageReturn ? end - 1 : end;
  const text = bytes.toString('utf8', from, last);
  // UTF-16, as some shells write it, is full of NUL; a key that is not UTF-8 would come out as another one, which is not there.
  if (text.includes('\0') || (text.includes('\uFFFD') && !isUtf8(bytes.subarray(from, last))))
    throw noList(`the line at byte ${offset + from} is not text in UTF-8`);
  return text;
}

const noList = (why: string): RookeryError => new RookeryError('USAGE', { detail: `this is no list of keys: ${why}` });

const quote = 0x22;

function hasOpenQuote(bytes: Buffer, from: number, end: number): boolean {
  let open = false;
  for (let at = bytes.indexOf(quote, from); at >= 0 && at < end; at = bytes.indexOf(quote, at + 1)) open = !open;
  return open;
}
