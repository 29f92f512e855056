import { ServiceError } from '@rookery/client';

/** What error codes mean to whoever uses the page, and what to do about them. */
const words: Record<string, string> = {
  PICTURE_EMPTY: 'This file is empty.',
  PICTURE_CORRUPT: 'This picture is damaged.',
  PICTURE_TOO_LARGE: 'This picture has too many pixels.',
  PICTURE_CRASHED_WORKER: 'This picture cannot be opened safely.',
  UNSUPPORTED_FORMAT: 'This is not a picture.',
  SCORE_NOT_A_NUMBER: 'The model has no answer for this picture.',
  SOURCE_NOT_FOUND: 'The picture is no longer there.',
  SOURCE_DENIED: 'The picture may not be read.',
  SOURCE_CHANGED: 'The picture was changed after the job had started.',
  SOURCE_TOO_MANY_BYTES: 'This file is too large.',
  SOURCE_UNREADABLE: 'The picture could not be read.',
  REQUEST_TOO_LARGE: 'This is more than the service takes at once.',
  REQUEST_TOO_SLOW: 'The connection is too slow.',
  BUCKET_REFUSED: 'This service may not read that bucket.',
  OBJECT_NOT_FOUND: 'There is nothing under that name.',
  MODEL_NOT_FOUND: 'There is no such model.',
  MODEL_CORRUPT: 'The files of this model are damaged.',
  ALIAS_CONFLICT: 'Somebody else has moved this alias meanwhile. Look again, then decide.',
  ALIAS_UNCHANGED: 'This alias cannot be changed like this.',
  JOB_NOT_FOUND: 'There is no such job. It may have been deleted.',
  JOB_CONFLICT: 'There is a job of this name already.',
  JOB_NOT_COMPLETE: 'The job is not complete yet.',
  UPLOAD_ADDRESS_INVALID: 'The address to send it to has run out.',
  UNAUTHENTICATED: 'Your session had ended.',
  FORBIDDEN: 'Your key does not allow this.',
  RATE_LIMITED: 'Too many requests. Try again in a moment.',
  OVERLOADED: 'The service is busy. Try again in a moment.',
  TIMED_OUT: 'It took too long.',
  STORE_UNAVAILABLE: 'The store of pictures does not answer.',
  STORE_NOT_FOUND: 'There is no such bucket or folder.',
  STORE_FULL: 'The store of pictures is full.',
  QUEUE_UNAVAILABLE: 'The queue does not answer.',
  ROUTE_NOT_FOUND: 'This service does not offer that.',
  NOT_IMPLEMENTED: 'This service does not offer that.',
  UNREACHABLE: 'The service does not answer. Is it running?',
  NOT_THE_SERVICE: 'Something other than the service answered.',
  INTERRUPTED: 'The connection was lost.',
};

/** A sentence for an error code. */
export const wordsOfCode = (code: string, message?: string): string => words[code] ?? sentence(message ?? code);

const otherKinds = /\.(hei[cf]s?|svgz?|jxl|jp2|psd|ico|dng|cr[23]|nef|arw|orf|rw2)$/i;

/** A sentence for what is wrong with a picture. A file of a kind that others call a picture is called one here too. */
export const wordsOfPicture = (name: string, code: string, message?: string): string =>
  code === 'UNSUPPORTED_FORMAT' && otherKinds.test(name)
    ? 'Pictures of this kind are not read here. Save it as JPEG or PNG.'
    : wordsOfCode(code, message);

/** A sentence for whatever was thrown, followed by what the service reported about this request. */
export function wordsOf(thrown: unknown): string {
  if (!(thrown instanceof ServiceError)) return 'Something went wrong on this page.';
  const said = wordsOfCode(thrown.code, thrown.problem?.title ?? thrown.message);
  const detail =
    thrown.status < 500 && /INVALID|REFUSED|CONFLICT|NOT_FOUND/.test(thrown.code) ? thrown.detail : undefined;
  return detail ? `${said} ${sentence(detail)}` : said;
}

function sentence(text: string): string {
  const trimmed = text.trim();
  const upper = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?…]$/.test(upper) ? upper : `${upper}.`;
}
