import * as z from 'zod';
import { Digest } from './digest.ts';
import { type ErrorCode, errorMessage, isErrorCode } from './errors.ts';
import { Prediction } from './prediction.ts';

/**
 * One picture's outcome: one line of JSON in `results/<seq>.jsonl`, fields in this order. Holds nothing that varies from
 * run to run. A picture that cannot be classified has `error`, no predictions, and what is known of the rest.
 */
export const ResultLine = z.strictObject({
  key: z.string(),
  etag: z.string().nullable(),
  /** Bytes. */
  size: z.int().min(0).nullable(),
  /** Pixels, after EXIF orientation. */
  width: z.int().min(1).nullable(),
  height: z.int().min(1).nullable(),
  /** Digest of the pin. */
  model: Digest,
  predictions: z.array(Prediction),
  error: z.strictObject({ code: z.string(), message: z.string() }).optional(),
});
export type ResultLine = z.infer<typeof ResultLine>;

export interface PictureIdentity {
  readonly key: string;
  readonly etag?: string | null | undefined;
  readonly size?: number | null | undefined;
}

/** The line of a picture that could not be classified. */
export const errorLine = (picture: PictureIdentity, model: Digest, code: ErrorCode): ResultLine => ({
  key: picture.key,
  etag: picture.etag ?? null,
  size: picture.size ?? null,
  width: null,
  height: null,
  model,
  predictions: [],
  error: { code, message: errorMessage(code) },
});

/** One line with its LF: fields in schema order, whatever the order of the object's. */
export function encodeResultLine(line: ResultLine): string {
  const { key, etag, size, width, height, model, error } = line;
  const predictions = line.predictions.map(({ label, index, score }) => ({ label, index, score }));
  return `${JSON.stringify({
    key,
    etag,
    size,
    width,
    height,
    model,
    predictions,
    ...(error && { error: { code: error.code, message: error.message } }),
  })}\n`;
}

/** @throws {SyntaxError | z.ZodError} where the text is not a result line. */
export const parseResultLine = (text: string): ResultLine => ResultLine.parse(JSON.parse(text));

/** The code of a failed line; `undefined` for a labelled picture. A code of a later version reads as `INTERNAL`. */
export const errorCodeOf = (line: ResultLine): ErrorCode | undefined =>
  line.error && (isErrorCode(line.error.code) ? line.error.code : 'INTERNAL');
