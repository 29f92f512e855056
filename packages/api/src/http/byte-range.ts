import { RookeryError } from '@rookery/contracts';

/** First and last byte, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The one range that a `Range` header asks for of `total` bytes (RFC 9110, section 14.2); `undefined` where the whole is to be sent: there
 * is no header, it is not understood, or it asks for several. @throws {RookeryError} RANGE_NOT_SATISFIABLE
 */
export function byteRange(header: string | undefined, total: number): ByteRange | undefined {
  const [, first = '', last = ''] = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, total - Number(last)) : Number(first);
  const end = first === '' || last === '' ? total - 1 : Math.min(Number(last), total - 1);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  if (start > end || (first === '' && Number(last) === 0))
    throw new RookeryError('RANGE_NOT_SATISFIABLE', { detail: `there are ${total} bytes` });
  return { start, end };
}

/** Whether a list of entity tags (`If-None-Match`) has this one, compared weakly. */
export const hasTag = (header: string | undefined, etag: string): boolean =>
  header !== undefined &&
  (header.trim() === '*' ||
    header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag.replace(/^W\//, '')));
