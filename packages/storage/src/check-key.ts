import { RookeryError } from '@rookery/contracts';

/** What S3 allows for a whole key; the adapters' prefix counts too. Bytes. */
export const maxKeyBytes = 1024;

/** Halves of surrogate pairs that stand alone: not Unicode, and no UTF-8 can hold them. */
const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);

/** What no store can take: nothing, too long, NUL, halves of surrogate pairs. @throws {RookeryError} KEY_INVALID */
export function checkKey(key: string, prefix = ''): void {
  const invalid = (why: string) =>
    new RookeryError('KEY_INVALID', { detail: `${JSON.stringify(key.slice(0, 200))} ${why}` });
  if (key === '') throw invalid('is empty');
  if (!isWellFormed(key)) throw invalid('is not Unicode');
  if (key.includes('\0')) throw invalid('contains NUL');
  if (Buffer.byteLength(prefix) + Buffer.byteLength(key) > maxKeyBytes) throw invalid(`has over ${maxKeyBytes} bytes`);
}

/** Whether any key can begin with this. */
export const canBeginKey = (prefix: string): boolean =>
  isWellFormed(prefix) && !prefix.includes('\0') && Buffer.byteLength(prefix) <= maxKeyBytes;
