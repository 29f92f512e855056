import { encodeResultLine, labelKey, parseResultLine, type ResultLine, RookeryError } from '@rookery/contracts';
import type { ObjectInfo, ObjectStore } from '@rookery/storage';
import { getOrNothing } from './json-object.ts';

/** The label of an event's picture and both stores that it concerns. */
export interface LabelPlace {
  /** Rookery's own store. */
  readonly store: ObjectStore;
  /** The bucket that the picture lies in, opened, and its name as tasks carry it. */
  readonly pictures: ObjectStore;
  readonly bucket: string;
  /** Labels of pictures that are gone stay: `writeLabel` deletes none. */
  readonly keepRemoved?: boolean | undefined;
}

/**
 * - `written`: the label is there and the picture is still the one that was labelled.
 * - `overtaken`: the picture is another one by now. Label it again as it is (without the old etag): the label may be the old one's.
 * - `removed`: the picture is gone, and so is its label (unless it is to be kept).
 */
export type LabelOutcome = 'written' | 'overtaken' | 'removed';

/**
 * Puts the label of a picture that anybody may overwrite or remove at any moment, so that at rest the label is that of the picture
 * which is there. Stores offer no conditional overwrite that all of them know; instead the picture is asked for before and after:
 *
 * - before: a label of an older state is not written over a newer one;
 * - after: should the picture have changed in between, whoever wrote last knows that its label may be stale, and does it again.
 *
 * A worker that dies in between has not acked the task; it is done again. Two HEAD requests a picture, on the event path only.
 */
export async function writeLabel(place: LabelPlace, line: ResultLine, signal?: AbortSignal): Promise<LabelOutcome> {
  const before = await headOrUnknown(place.pictures, line.key, signal);
  if (before === undefined) return gone(place, line.key, signal);
  if (isOther(before, line)) return 'overtaken';
  await place.store.put(labelKey(place.bucket, line.key), encodeResultLine(line), {
    contentType: 'application/json',
    signal,
  });
  const after = await headOrUnknown(place.pictures, line.key, signal);
  if (after === undefined) return gone(place, line.key, signal);
  return isOther(after, line) ? 'overtaken' : 'written';
}

/**
 * Deletes the label of a picture that is gone. `present`: the picture is there (again), its label stays or has to be made: the removal
 * was overtaken by a creation.
 */
export async function removeLabel(
  place: LabelPlace,
  key: string,
  signal?: AbortSignal,
): Promise<'removed' | 'present'> {
  if (await place.pictures.head(key, signal)) return 'present';
  await place.store.delete([labelKey(place.bucket, key)], signal);
  return (await place.pictures.head(key, signal)) ? 'present' : 'removed';
}

/** The label of a picture; `undefined` where there is none or what lies there is not one. */
export async function findLabel(
  store: ObjectStore,
  bucket: string,
  key: string,
  signal?: AbortSignal,
): Promise<ResultLine | undefined> {
  const bytes = await getOrNothing(store, labelKey(bucket, key), signal);
  if (!bytes) return undefined;
  try {
    const line = parseResultLine(Buffer.from(bytes).toString('utf8'));
    return line.key === key ? line : undefined;
  } catch {
    return undefined;
  }
}

async function gone(place: LabelPlace, key: string, signal?: AbortSignal): Promise<LabelOutcome> {
  if (place.keepRemoved) return 'removed';
  return (await removeLabel(place, key, signal)) === 'removed' ? 'removed' : 'overtaken';
}

/** Where even the question is refused there is nothing to compare with: the line says that access was refused, and is written. */
async function headOrUnknown(
  pictures: ObjectStore,
  key: string,
  signal?: AbortSignal,
): Promise<ObjectInfo | 'unknown' | undefined> {
  try {
    return await pictures.head(key, signal);
  } catch (error) {
    if (
      error instanceof RookeryError &&
      ((error.code === 'STORE_DENIED' && !error.retryable) || error.code === 'KEY_INVALID')
    )
      return 'unknown';
    throw error;
  }
}

const isOther = (there: ObjectInfo | 'unknown', line: ResultLine): boolean =>
  there !== 'unknown' && (line.error?.code === 'SOURCE_CHANGED' || (line.etag !== null && there.etag !== line.etag));
