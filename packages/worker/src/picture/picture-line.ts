import {
  type Digest,
  errorLine,
  type PictureIdentity,
  type ResultLine,
  type RookeryError,
  type TaskItem,
} from '@rookery/contracts';
import type { Classification } from '@rookery/inference';
import type { FetchedPicture } from './fetcher.ts';

/** What is known of the picture: that of the object which was read, else that of the listing. */
export const identityOf = ({ key, etag, shard }: TaskItem, picture: FetchedPicture | undefined): PictureIdentity => ({
  key,
  etag: picture?.etag ?? etag ?? null,
  size: picture?.sizeBytes ?? shard?.sizeBytes ?? null,
});

/** The line of a labelled picture. */
export const labelledLine = (
  picture: PictureIdentity,
  model: Digest,
  { width, height, predictions }: Pick<Classification, 'width' | 'height' | 'predictions'>,
): ResultLine => ({
  key: picture.key,
  etag: picture.etag ?? null,
  size: picture.size ?? null,
  width,
  height,
  model,
  predictions: [...predictions],
});

/**
 * The line of a picture that failed for good. What may pass if tried again gives no line: the task is given back.
 * @throws {RookeryError} the error itself where it is retryable or the work was given up.
 */
export function failedLine(picture: PictureIdentity, model: Digest, error: RookeryError): ResultLine {
  if (error.retryable || error.code === 'ABORTED') throw error;
  return errorLine(picture, model, error.code);
}
