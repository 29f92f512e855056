import { createHash } from 'node:crypto';
import { RookeryError, type SourceFilter } from '@rookery/contracts';
import { globMatcher } from './glob.ts';
import type { SourceEntry } from './key-source.ts';

/** Endings of the formats that the decoder knows. */
export const pictureSuffixes: readonly string[] = [
  '.jpg',
  '.jpeg',
  '.jpe',
  '.jfif',
  '.png',
  '.webp',
  '.gif',
  '.tif',
  '.tiff',
  '.avif',
  '.bmp',
  '.mpo',
];

export interface FilterPlace {
  /** Globs are matched against what comes after its last `/`; one without `/` against the file's name alone. */
  readonly prefix: string;
  /** Keys under Rookery's own prefix. They never pass, whatever the filter says. */
  readonly isOwn: (key: string) => boolean;
}

/** Whether an entry becomes work, but for `limit`. @throws {RookeryError} USAGE from the test where the source lacks what is asked. */
export function createFilter(filter: SourceFilter, { prefix, isOwn }: FilterPlace): (entry: SourceEntry) => boolean {
  const suffixes = filter.suffixes?.map((suffix) => suffix.toLowerCase());
  const base = prefix.lastIndexOf('/') + 1;
  const matches = filter.glob === undefined ? undefined : globMatcher(filter.glob, { byName: true });
  const after = filter.modifiedAfter === undefined ? undefined : Date.parse(filter.modifiedAfter);
  const before = filter.modifiedBefore === undefined ? undefined : Date.parse(filter.modifiedBefore);
  return (entry) => {
    const { key } = entry.item;
    if (isOwn(key) || key.endsWith('/')) return false;
    if (suffixes && !suffixes.some((suffix) => key.slice(key.length - suffix.length).toLowerCase() === suffix))
      return false;
    if (matches && !matches(key.slice(base))) return false;
    if (filter.minSizeBytes !== undefined && sizeOf(entry) < filter.minSizeBytes) return false;
    if (filter.maxSizeBytes !== undefined && sizeOf(entry) > filter.maxSizeBytes) return false;
    if (after !== undefined && modifiedOf(entry) <= after) return false;
    if (before !== undefined && modifiedOf(entry) >= before) return false;
    return filter.sample === undefined || shareOf(key) < filter.sample;
  };
}

function sizeOf({ sizeBytes, item }: SourceEntry): number {
  if (sizeBytes !== undefined) return sizeBytes;
  throw new RookeryError('USAGE', { detail: `the list has no size for ${item.key}: it cannot be filtered by size` });
}

function modifiedOf({ lastModified, item }: SourceEntry): number {
  if (lastModified) return lastModified.getTime();
  throw new RookeryError('USAGE', { detail: `the list has no date for ${item.key}: it cannot be filtered by date` });
}

/** The same number in [0, 1) for the same key, whenever and wherever. */
const shareOf = (key: string): number => createHash('sha256').update(key).digest().readUIntBE(0, 6) / 2 ** 48;
