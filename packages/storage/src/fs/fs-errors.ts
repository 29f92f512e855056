import { type ErrorCode, RookeryError } from '@rookery/contracts';

const codes: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'OBJECT_NOT_FOUND',
  ENOTDIR: 'OBJECT_NOT_FOUND',
  EISDIR: 'OBJECT_NOT_FOUND',
  EACCES: 'STORE_DENIED',
  EPERM: 'STORE_DENIED',
  EROFS: 'STORE_DENIED',
  ENOSPC: 'STORE_FULL',
  EDQUOT: 'STORE_FULL',
  EFBIG: 'STORE_FULL',
  ENAMETOOLONG: 'KEY_INVALID',
  EINVAL: 'KEY_INVALID',
  EILSEQ: 'KEY_INVALID',
  ELOOP: 'KEY_INVALID',
};

export const errnoOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** Of a store's own folder. */
export const noFolder = (root: string, isThere: boolean): RookeryError =>
  new RookeryError('STORE_NOT_FOUND', { detail: isThere ? `${root}: this is no folder` : root });

/** What the operating system said, as the taxonomy says it. Whatever has no code of its own (EIO, ESTALE, EMFILE) may pass. */
export function fsError(error: unknown, tried: string): RookeryError {
  if (error instanceof RookeryError) return error;
  if (error instanceof Error && error.name === 'AbortError') return new RookeryError('ABORTED', { cause: error });
  const errno = errnoOf(error);
  return new RookeryError((errno && codes[errno]) || 'STORE_UNAVAILABLE', {
    detail: `${tried}: ${errno ?? (error instanceof Error ? error.message : error)}`,
    cause: error,
  });
}
