/**
 * The one error taxonomy. A code is stable: it stands in result lines, problem documents, metrics and exit codes.
 *
 * - `message`: the one fixed text that result lines carry; details belong into logs.
 * - `retryable`: the same attempt may succeed later without anything being changed.
 * - `ofBytes`: the outcome is a property of the picture's bytes (and the pin), so it can be taken over by a later job.
 */
interface ErrorKind {
  readonly message: string;
  readonly retryable?: true;
  readonly ofBytes?: true;
}

const kinds = {
  // The picture itself.
  PICTURE_EMPTY: { message: 'the file has no bytes', ofBytes: true },
  PICTURE_CORRUPT: { message: 'the picture is damaged and cannot be decoded', ofBytes: true },
  PICTURE_TOO_LARGE: { message: 'the picture has more pixels than the limit allows', ofBytes: true },
  PICTURE_CRASHED_WORKER: { message: 'the picture ended the process that decoded or classified it', ofBytes: true },
  UNSUPPORTED_FORMAT: { message: 'the file is not a picture in a supported format', ofBytes: true },
  SCORE_NOT_A_NUMBER: { message: 'the model gave a score that is not a number', ofBytes: true },

  // Where the picture comes from.
  SOURCE_NOT_FOUND: { message: 'there is nothing under this name' },
  SOURCE_DENIED: { message: 'access was refused' },
  SOURCE_CHANGED: { message: 'the object changed after it was listed' },
  SOURCE_NOT_A_FILE: { message: 'this is not a regular file' },
  SOURCE_TOO_MANY_BYTES: { message: 'the file has more bytes than the limit allows' },
  SOURCE_NOT_BASE64: { message: 'this is not base64 (RFC 4648, with padding and without "data:")' },
  SOURCE_UNREADABLE: { message: 'the source could not be read', retryable: true },
  URL_REFUSED: { message: 'this address may not be fetched' },
  URL_FAILED: { message: 'the address did not answer with a picture' },
  URL_NOT_A_PICTURE: { message: 'the address answered with something that is not a picture' },
  URL_TOO_MANY_REDIRECTS: { message: 'the address redirected too often' },
  URL_TIMED_OUT: { message: 'the address did not answer in time', retryable: true },

  // Models, labels, the registry.
  MODEL_NOT_FOUND: { message: 'there is no such model' },
  MODEL_CORRUPT: { message: 'a file of the model differs from its digest' },
  SIGNATURE_INVALID: { message: 'the model is not signed by a key that is trusted here' },
  MODEL_INVALID: { message: 'the model cannot be used' },
  MODEL_OPERATOR_UNSUPPORTED: { message: 'the model uses an operator that is not supported' },
  FORMAT_NOT_YET_IMPORTED: { message: 'this model format cannot be imported yet' },
  LABELS_INVALID: { message: 'the labels cannot be used' },
  REFERENCE_INVALID: { message: 'this is not a reference' },
  ALIAS_CONFLICT: { message: 'the alias was moved by someone else meanwhile', retryable: true },
  ALIAS_UNCHANGED: { message: 'the alias cannot be changed like this' },
  MODEL_IN_USE: { message: 'this version is still in use' },
  VERSION_CONFLICT: { message: 'this version exists already with other contents' },

  // Engines.
  ENGINE_UNAVAILABLE: { message: 'this engine cannot run here' },
  ENGINE_FAILED: { message: 'the engine failed', retryable: true },
  DEVICE_UNAVAILABLE: { message: 'this device is not there' },
  PIN_UNAVAILABLE: { message: 'this worker cannot run exactly what the job asks for', retryable: true },

  // Tasks and queues.
  TASK_MALFORMED: { message: 'the message is not a task' },
  TASK_VERSION_UNKNOWN: { message: 'the task has a version that this worker does not know' },
  TASK_TOO_LARGE: { message: 'the task does not fit into a message' },
  LEASE_LOST: { message: 'the lease has run out and the task may be with another worker' },
  QUEUE_UNAVAILABLE: { message: 'the queue does not answer', retryable: true },

  // Stores.
  OBJECT_NOT_FOUND: { message: 'there is no such object' },
  OBJECT_CHANGED: { message: 'the object is not the one that was asked for' },
  OBJECT_TOO_LARGE: { message: 'the object has more bytes than the limit allows' },
  KEY_INVALID: { message: 'this key cannot be used' },
  STORE_NOT_FOUND: { message: 'there is no such bucket or folder' },
  STORE_DENIED: { message: 'the store refused access' },
  STORE_FULL: { message: 'the store has no room left', retryable: true },
  STORE_UNAVAILABLE: { message: 'the store does not answer', retryable: true },
  BUCKET_REFUSED: { message: 'this bucket is not one that may be read' },

  // Jobs.
  JOB_NOT_FOUND: { message: 'there is no such job' },
  JOB_CONFLICT: { message: 'a job of this name was made for something else' },
  JOB_NOT_COMPLETE: { message: 'the job is not complete' },
  JOB_COMPLETE: { message: 'the job is complete already' },
  JOB_CANCELLED: { message: 'the job was cancelled' },

  // Requests to the service.
  REQUEST_INVALID: { message: 'the request is not one that this address understands' },
  REQUEST_TOO_LARGE: { message: 'the request has more bytes or parts than the limit allows' },
  REQUEST_TOO_SLOW: { message: 'the request did not arrive in time' },
  HEADERS_TOO_LARGE: { message: 'the request has larger headers than the limit allows' },
  MEDIA_TYPE_UNSUPPORTED: { message: 'a body of this type or encoding is not taken here' },
  ROUTE_NOT_FOUND: { message: 'there is nothing at this address' },
  METHOD_NOT_ALLOWED: { message: 'this address does not answer to this method' },
  UNAUTHENTICATED: { message: 'a valid API key or session is needed' },
  FORBIDDEN: { message: 'the API key may not do this' },
  ORIGIN_REFUSED: { message: 'requests from this page or under this host name are not taken' },
  RANGE_NOT_SATISFIABLE: { message: 'there are no such bytes' },
  IDEMPOTENCY_KEY_REUSED: { message: 'this key was used for another request' },
  UPLOAD_ADDRESS_INVALID: { message: 'this address has run out, or it was changed' },
  RATE_LIMITED: { message: 'too many requests; try again later', retryable: true },
  NOT_IMPLEMENTED: { message: 'this is not offered yet' },

  // Whoever asks.
  OVERLOADED: { message: 'there is more work than fits; try again later', retryable: true },
  ABORTED: { message: 'the work was given up' },
  TIMED_OUT: { message: 'the work was not done in time', retryable: true },
  FOLDER_IN_USE: { message: 'another process keeps this folder' },
  CONFIG_INVALID: { message: 'the configuration is wrong' },
  USAGE: { message: 'the command was used in a way it does not know' },
  INTERNAL: { message: 'something went wrong that should not' },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof kinds;

export const errorCodes = Object.keys(kinds) as readonly ErrorCode[];

export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(kinds, code);

/** The fixed text of a code, as result lines carry it. */
export const errorMessage = (code: ErrorCode): string => kinds[code].message;

/** Whether the outcome belongs to the bytes of the picture, whoever reads them and whenever. */
export const isOfBytes = (code: ErrorCode): boolean => (kinds[code] as ErrorKind).ofBytes === true;

export interface RookeryErrorOptions {
  /** What was tried, with what: for people and logs, never for result lines. */
  detail?: string;
  cause?: unknown;
  /** Overrides the code's own: whoever makes the error knows best. */
  retryable?: boolean;
  /** How long to wait before trying again, where the other side said so. */
  retryAfterMs?: number;
}

/** Every failure that has a name. `code` is stable, `message` reads `fixed text: detail`. */
export class RookeryError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, options: RookeryErrorOptions = {}) {
    super(options.detail ? `${errorMessage(code)}: ${options.detail}` : errorMessage(code), { cause: options.cause });
    this.name = 'RookeryError';
    this.code = code;
    this.detail = options.detail;
    this.retryable = options.retryable ?? (kinds[code] as ErrorKind).retryable === true;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Gives whatever was thrown a code; what already has one passes through. */
export function asRookeryError(thrown: unknown, code: ErrorCode = 'INTERNAL'): RookeryError {
  if (thrown instanceof RookeryError) return thrown;
  if (thrown instanceof Error && (thrown.name === 'AbortError' || thrown.name === 'TimeoutError')) {
    return new RookeryError(thrown.name === 'AbortError' ? 'ABORTED' : 'TIMED_OUT', { cause: thrown });
  }
  return new RookeryError(code, { detail: thrown instanceof Error ? thrown.message : String(thrown), cause: thrown });
}
