import { type ErrorCode, RookeryError, retryAfterMs } from '@rookery/contracts';

/** What an error of the SDK carries, where it came from an answer. */
interface Answered {
  readonly name: string;
  readonly message: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
  readonly code?: string;
}

const codes: Readonly<Record<string, ErrorCode>> = {
  NoSuchKey: 'OBJECT_NOT_FOUND',
  NoSuchVersion: 'OBJECT_NOT_FOUND',
  NotFound: 'OBJECT_NOT_FOUND',
  PreconditionFailed: 'OBJECT_CHANGED',
  KeyTooLongError: 'KEY_INVALID',
  InvalidURI: 'KEY_INVALID',
  NoSuchBucket: 'STORE_NOT_FOUND',
  AccessDenied: 'STORE_DENIED',
  InvalidAccessKeyId: 'STORE_DENIED',
  SignatureDoesNotMatch: 'STORE_DENIED',
  ExpiredToken: 'STORE_DENIED',
  InvalidToken: 'STORE_DENIED',
  CredentialsProviderError: 'STORE_DENIED',
  AllAccessDisabled: 'STORE_DENIED',
  InvalidObjectState: 'STORE_DENIED',
  // Signed for another region than the bucket's.
  AuthorizationHeaderMalformed: 'STORE_DENIED',
  PermanentRedirect: 'STORE_DENIED',
  QuotaExceeded: 'STORE_FULL',
  XMinioStorageFull: 'STORE_FULL',
};
/** Refusals for credentials that have run out or do not come: they say nothing of what is asked for, and others may come. */
const aboutCredentials = new Set(['ExpiredToken', 'CredentialsProviderError']);
/** Answers in the 400s that only mean "not now". */
const passing = new Set([
  'RequestTimeout',
  'RequestTimeTooSkewed',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TooManyRequests',
  'TooManyRequestsException',
  'ConditionalRequestConflict',
  'OperationAborted',
]);

const statusCodes: Readonly<Record<number, ErrorCode>> = {
  401: 'STORE_DENIED',
  403: 'STORE_DENIED',
  404: 'OBJECT_NOT_FOUND',
  412: 'OBJECT_CHANGED',
  507: 'STORE_FULL',
};

export const isAnswered = (error: unknown): error is Answered => error instanceof Error;
export const statusOf = (error: unknown): number | undefined =>
  isAnswered(error) ? error.$metadata?.httpStatusCode : undefined;
export const nameOf = (error: unknown): string => (isAnswered(error) ? error.name : '');

const longestWaitMs = 60_000;

/** What Retry-After asks for, at most a minute. */
export function retryAfterMsOf(error: unknown, now: number): number | undefined {
  const text = isAnswered(error) ? error.$response?.headers?.['retry-after'] : undefined;
  return retryAfterMs(text, longestWaitMs, now);
}

/** What the server or the network said, as the taxonomy says it; the SDK's error is the cause. */
export function s3Error(error: unknown, tried: string, signal: AbortSignal | undefined): RookeryError {
  if (error instanceof RookeryError) return error;
  if (signal?.aborted) return new RookeryError('ABORTED', { detail: tried, cause: error });
  const [name, status] = [nameOf(error), statusOf(error)];
  const detail = `${tried}: ${status ?? ''} ${name} ${isAnswered(error) ? error.message : error}`.replace(/\s+/g, ' ');
  const retryAfterMs = retryAfterMsOf(error, Date.now());
  const options = { detail, cause: error, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  if (passing.has(name)) return new RookeryError('STORE_UNAVAILABLE', options);
  const code = codes[name] ?? (status === undefined ? undefined : statusCodes[status]);
  if (code) return new RookeryError(code, { ...options, ...(aboutCredentials.has(name) && { retryable: true }) });
  // No answer at all, or one of the 500s or 429: it may pass. Everything else will be the same next time.
  const mayPass = status === undefined || status >= 500 || status === 429 || status === 408 || status < 300;
  return new RookeryError('STORE_UNAVAILABLE', { ...options, retryable: mayPass });
}
