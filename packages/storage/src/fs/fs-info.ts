import type { Stats } from 'node:fs';
import type { ObjectInfo } from '../object-store.ts';

/**
 * Size and time of the last change in microseconds, hexadecimal: known without reading the contents, and the same after a copy that
 * keeps times. Everything that this store writes gets a time of its own (`distinctTimeMs`), so that two puts of one length within a tick of the
 * file system's clock differ.
 *
 * `mtimeMs` comes in steps of a quarter of a microsecond. What this store wrote reads as a whole one where Node cuts times (20, 22), and up to
 * half of one later where it keeps nanoseconds (24): a quarter more puts both inside the same, where rounding would stand on the edge.
 */
export const etagOf = (stats: Stats): string =>
  `${stats.size.toString(16)}-${Math.floor(stats.mtimeMs * 1000 + 0.25).toString(16)}`;

export const infoOf = (key: string, stats: Stats): ObjectInfo => ({
  key,
  etag: etagOf(stats),
  sizeBytes: stats.size,
  lastModified: stats.mtime,
});

/** Now, in microseconds that no other call of this clock gave. Since the epoch. */
export function distinctClock(): () => number {
  let last = 0;
  return () => {
    // The microseconds within the millisecond are drawn by lot: other processes write, too.
    last = Math.max(Date.now() * 1000 + Math.floor(Math.random() * 1000), last + 1);
    return last;
  };
}
