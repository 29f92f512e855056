import type { IncomingMessage } from 'node:http';
import { RookeryError, retryAfterMs } from '@rookery/contracts';
import { type AllowPrivate, type Resolve, resolveName } from './guarded-lookup.ts';
import { isMarkup, mayBePicture } from './looks-like-a-picture.ts';
import { parseAddress } from './parse-address.ts';
import { requestOnce } from './request-once.ts';
import { timeLimit } from './time-limit.ts';

export interface FetchPictureOptions {
  /** @default 50_000_000 */
  maxBytes?: number | undefined;
  /** For the whole: names, redirects, body. @default 30_000 */
  timeoutMs?: number | undefined;
  /** Without a byte. @default 10_000 */
  idleTimeoutMs?: number | undefined;
  /** @default 5 */
  maxRedirects?: number | undefined;
  /** Also addresses of this machine and its networks (or those that the function agrees to): only for whoever asks for their own. @default false */
  allowPrivate?: AllowPrivate | undefined;
  /** Also without encryption. @default where private addresses are allowed */
  allowHttp?: boolean | undefined;
  /** @default 'rookery' */
  userAgent?: string | undefined;
  /** How names become addresses; the system's way by default. */
  resolve?: Resolve | undefined;
  signal?: AbortSignal | undefined;
}

export interface FetchedPicture {
  /** The caller's own. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** Where it was in the end. */
  readonly url: string;
  readonly contentType: string | undefined;
}

const redirects = new Set([301, 302, 303, 307, 308]);
const failed = (detail: string, options: { cause?: unknown; retryable?: boolean; retryAfterMs?: number } = {}) =>
  new RookeryError('URL_FAILED', { detail, ...options });

/**
 * Fetches one picture from the web. Every address is checked before it is connected to, at each redirect again, and the connection goes to
 * the address that was checked: a name cannot lead inside the network (server-side request forgery).
 * @throws {RookeryError} URL_REFUSED, URL_FAILED, URL_NOT_A_PICTURE, URL_TOO_MANY_REDIRECTS, URL_TIMED_OUT, SOURCE_TOO_MANY_BYTES, ABORTED
 */
export async function fetchPicture(url: string, options: FetchPictureOptions = {}): Promise<FetchedPicture> {
  const {
    maxBytes = 50_000_000,
    timeoutMs = 30_000,
    idleTimeoutMs = 10_000,
    maxRedirects = 5,
    signal: outer,
  } = options;
  const {
    allowPrivate = false,
    allowHttp = allowPrivate !== false,
    userAgent = 'rookery',
    resolve = resolveName,
  } = options;
  using limit = timeLimit(timeoutMs, outer);
  const { signal } = limit;
  const idle = setTimeout(limit.expire, idleTimeoutMs);
  try {
    signal.throwIfAborted();
    let at = parseAddress(url);
    const seen = new Set<string>();
    for (;;) {
      idle.refresh();
      if (seen.has(at.href) || seen.size > maxRedirects) {
        throw new RookeryError('URL_TOO_MANY_REDIRECTS', { detail: `${url} after ${seen.size}` });
      }
      seen.add(at.href);
      const request = requestOnce(at, { allowPrivate, allowHttp, resolve, userAgent, signal });
      request.catch(() => {});
      const answer = await limit.race(request);
      const { statusCode = 0, headers } = answer;
      if (redirects.has(statusCode) && headers.location !== undefined) {
        answer.destroy();
        at = parseAddress(headers.location, at);
        continue;
      }
      checkAnswer(at, answer);
      const body = await readLimited(at, answer, maxBytes, () => idle.refresh());
      if (isMarkup(body)) throw new RookeryError('URL_NOT_A_PICTURE', { detail: `${at.href}: a page` });
      return { body, url: at.href, contentType: headers['content-type'] };
    }
  } catch (error) {
    throw limit.named(url, error);
  } finally {
    clearTimeout(idle);
  }
}

function checkAnswer(url: URL, answer: IncomingMessage): void {
  const { statusCode = 0, headers } = answer;
  const giveUp = (error: RookeryError): never => {
    answer.destroy();
    throw error;
  };
  if (statusCode !== 200) {
    const waitMs = retryAfterMs(headers['retry-after'], 60_000);
    giveUp(
      failed(`${url.href}: ${statusCode}`, {
        retryable: statusCode >= 500 || statusCode === 429 || statusCode === 408,
        ...(waitMs !== undefined && { retryAfterMs: waitMs }),
      }),
    );
  }
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') giveUp(failed(`${url.href}: encoded as ${encoding} though nobody asked for it`));
  if (!mayBePicture(headers['content-type'])) {
    giveUp(new RookeryError('URL_NOT_A_PICTURE', { detail: `${url.href}: ${headers['content-type']}` }));
  }
}

async function readLimited(
  url: URL,
  answer: IncomingMessage,
  maxBytes: number,
  moved: () => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const tooMany = (bytes: string) => {
    answer.destroy();
    return new RookeryError('SOURCE_TOO_MANY_BYTES', { detail: `${url.href}: ${bytes} bytes, at most ${maxBytes}` });
  };
  const length = Number(answer.headers['content-length'] ?? Number.NaN);
  if (length > maxBytes) throw tooMany(String(length));
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    moved();
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooMany(`over ${maxBytes}`);
    chunks.push(chunk);
  }
  const body = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.byteLength;
  }
  return body;
}
