import { RookeryError } from '@rookery/contracts';
import { systemCode } from './version-folder.ts';

/** What the file system says, by its code in the taxonomy. */
export function storeError(error: unknown, place: string): RookeryError {
  if (error instanceof RookeryError) return error;
  const code = systemCode(error);
  const detail = `${place}: ${error instanceof Error ? error.message : String(error)}`;
  if (['ENOSPC', 'EDQUOT'].includes(code)) return new RookeryError('STORE_FULL', { detail, cause: error });
  if (['EACCES', 'EPERM', 'EROFS'].includes(code)) return new RookeryError('STORE_DENIED', { detail, cause: error });
  return new RookeryError('STORE_UNAVAILABLE', { detail, cause: error });
}
