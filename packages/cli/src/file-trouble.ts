import { RookeryError } from '@rookery/contracts';

const words: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of this path is no folder',
  EISDIR: 'this is a folder',
  EEXIST: 'this is there already',
  ENAMETOOLONG: 'this name is too long',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'this file system is read-only',
};

/** An error of the file system about a path that somebody named, as their error; `undefined` for other errors. @param what What named the path. */
export function fileTrouble(thrown: unknown, what?: string): RookeryError | undefined {
  if (thrown instanceof RookeryError || !(thrown instanceof Error)) return undefined;
  const { code = '', path, syscall } = thrown as NodeJS.ErrnoException;
  const place = what ?? path;
  if (place === undefined || syscall?.startsWith('spawn')) return undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') return new RookeryError('STORE_FULL', { detail: place, cause: thrown });
  const said = words[code];
  return said === undefined ? undefined : new RookeryError('USAGE', { detail: `${place}: ${said}`, cause: thrown });
}
