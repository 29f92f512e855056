import { type Digest, errorLine, type PictureIdentity, type ResultLine, type RookeryError } from '@rookery/contracts';
import type { Classification } from '@rookery/inference';

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
