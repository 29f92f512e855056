import { type ErrorCode, RookeryError } from '@rookery/contracts';

/** The HTTP status of every code that an answer may carry: the one place where codes become numbers. */
const statuses: Partial<Record<ErrorCode, number>> = {
  REQUEST_INVALID: 400,
  REFERENCE_INVALID: 400,
  USAGE: 400,
  KEY_INVALID: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  ORIGIN_REFUSED: 403,
  BUCKET_REFUSED: 403,
  SOURCE_DENIED: 403,
  URL_REFUSED: 403,
  UPLOAD_ADDRESS_INVALID: 403,
  ROUTE_NOT_FOUND: 404,
  MODEL_NOT_FOUND: 404,
  JOB_NOT_FOUND: 404,
  SOURCE_NOT_FOUND: 404,
  OBJECT_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  REQUEST_TOO_SLOW: 408,
  ALIAS_CONFLICT: 409,
  ALIAS_UNCHANGED: 409,
  VERSION_CONFLICT: 409,
  MODEL_IN_USE: 409,
  JOB_CONFLICT: 409,
  JOB_NOT_COMPLETE: 409,
  JOB_COMPLETE: 409,
  JOB_CANCELLED: 409,
  OBJECT_CHANGED: 409,
  SOURCE_CHANGED: 409,
  REQUEST_TOO_LARGE: 413,
  SOURCE_TOO_MANY_BYTES: 413,
  OBJECT_TOO_LARGE: 413,
  MEDIA_TYPE_UNSUPPORTED: 415,
  RANGE_NOT_SATISFIABLE: 416,
  IDEMPOTENCY_KEY_REUSED: 422,
  PICTURE_EMPTY: 422,
  PICTURE_CORRUPT: 422,
  PICTURE_TOO_LARGE: 422,
  PICTURE_CRASHED_WORKER: 422,
  UNSUPPORTED_FORMAT: 422,
  SCORE_NOT_A_NUMBER: 422,
  SOURCE_NOT_A_FILE: 422,
  SOURCE_NOT_BASE64: 422,
  SOURCE_UNREADABLE: 422,
  URL_FAILED: 422,
  URL_NOT_A_PICTURE: 422,
  URL_TOO_MANY_REDIRECTS: 422,
  URL_TIMED_OUT: 422,
  MODEL_INVALID: 422,
  MODEL_OPERATOR_UNSUPPORTED: 422,
  LABELS_INVALID: 422,
  RATE_LIMITED: 429,
  HEADERS_TOO_LARGE: 431,
  MODEL_CORRUPT: 500,
  SIGNATURE_INVALID: 500,
  INTERNAL: 500,
  NOT_IMPLEMENTED: 501,
  FORMAT_NOT_YET_IMPORTED: 501,
  ABORTED: 503,
  OVERLOADED: 503,
  ENGINE_FAILED: 503,
  ENGINE_UNAVAILABLE: 503,
  DEVICE_UNAVAILABLE: 503,
  PIN_UNAVAILABLE: 503,
  QUEUE_UNAVAILABLE: 503,
  STORE_UNAVAILABLE: 503,
  STORE_NOT_FOUND: 503,
  STORE_DENIED: 503,
  STORE_FULL: 503,
  TIMED_OUT: 504,
};

/** What is not in the table never leaves the service but as something that should not have happened. */
export const statusOf = (code: ErrorCode): number => statuses[code] ?? 500;

/** Whether answers may carry the code. */
export const isAnswered = (code: ErrorCode): boolean => statuses[code] !== undefined;

/** An error of the HTTP layer itself: a fastify error, or one of Node's parser. */
export function ofHttp(error: {
  code?: string | undefined;
  statusCode?: number | undefined;
}): RookeryError | undefined {
  const { code = '', statusCode } = error;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE' || /^FST_(REQ_FILE|FILES|PARTS|FIELDS)/.test(code) || statusCode === 413)
    return new RookeryError('REQUEST_TOO_LARGE', { cause: error });
  if (code === 'HPE_HEADER_OVERFLOW') return new RookeryError('HEADERS_TOO_LARGE', { cause: error });
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new RookeryError('REQUEST_TOO_SLOW', { cause: error });
  if (statusCode === 415)
    return new RookeryError('MEDIA_TYPE_UNSUPPORTED', { detail: `${detailOf(error)}; ${takenTypes}`, cause: error });
  if (statusCode === 404) return new RookeryError('ROUTE_NOT_FOUND', { cause: error });
  if (statusCode === 503) return new RookeryError('OVERLOADED', { cause: error });
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new RookeryError('REQUEST_INVALID', { detail: detailOf(error), cause: error });
  return undefined;
}

/** `curl --data-binary` says that a picture is a form. */
const takenTypes =
  'say with content-type what it is: pictures image/* or multipart/form-data, everything else application/json';

const detailOf = (error: object): string => (error instanceof Error ? error.message : 'it is malformed');
