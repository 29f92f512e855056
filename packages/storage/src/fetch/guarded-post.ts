import { isIP } from 'node:net';
import { RookeryError, retryAfterMs } from '@rookery/contracts';
import { type AllowPrivate, checkedAddresses, type Resolve, resolveName } from './guarded-lookup.ts';
import { checkUrl, requestOnce } from './request-once.ts';

export interface GuardedPostOptions {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** For the whole: names, connection, answer. */
  readonly timeoutMs: number;
  /** Also addresses of this machine and its networks (or those that the function agrees to). @default false */
  readonly allowPrivate?: AllowPrivate | undefined;
  /** Also without encryption. @default where private addresses are allowed */
  readonly allowHttp?: boolean | undefined;
  /** @default 'rookery' */
  readonly userAgent?: string | undefined;
  /** How names become addresses; the system's way by default. */
  readonly resolve?: Resolve | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PostAnswer {
  readonly status: number;
  /** As the other side asked for, at most a day. */
  readonly retryAfterMs: number | undefined;
}

const longestWaitMs = 86_400_000;

/**
 * Posts to an address that somebody else has named. It is checked before it is connected to, and the connection goes to the address that
 * was checked (server-side request forgery). Redirects are answers like any other: they are not followed. The answer's body is not read.
 * @throws {RookeryError} URL_REFUSED, URL_FAILED where nobody answers, URL_TIMED_OUT, ABORTED
 */
export async function guardedPost(address: string, options: GuardedPostOptions): Promise<PostAnswer> {
  const { body, headers, timeoutMs, allowPrivate = false, resolve = resolveName, signal: outer } = options;
  const { allowHttp = allowPrivate !== false, userAgent = 'rookery' } = options;
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  const signal = outer ? AbortSignal.any([outer, timeout.signal]) : timeout.signal;
  // Resolving a name cannot be aborted; waiting for it can.
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => {});
  try {
    signal.throwIfAborted();
    const post = { body, headers };
    const url = parsed(address);
    const request = requestOnce(url, { allowPrivate, allowHttp, resolve, userAgent, signal, post });
    // One that answers after all is let go of.
    request.then((answer) => signal.aborted && answer.destroy()).catch(() => {});
    const answer = await Promise.race([request, aborted]);
    answer.destroy();
    return { status: answer.statusCode ?? 0, retryAfterMs: retryAfterMs(answer.headers['retry-after'], longestWaitMs) };
  } catch (error) {
    if (error instanceof RookeryError) throw error;
    if (outer?.aborted) throw new RookeryError('ABORTED', { cause: error });
    if (timeout.signal.aborted) throw new RookeryError('URL_TIMED_OUT', { detail: address, cause: error });
    const detail = `${address}: ${error instanceof Error ? error.message : error}`;
    throw new RookeryError('URL_FAILED', { detail, cause: error, retryable: true });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Refuses what can be refused without asking anybody: protocols, credentials, addresses inside the network that stand there as such. A
 * name is looked up when it is used. @throws {RookeryError} URL_REFUSED
 */
export async function checkPostAddress(
  address: string,
  { allowPrivate = false, allowHttp = allowPrivate !== false }: Pick<GuardedPostOptions, 'allowPrivate' | 'allowHttp'>,
): Promise<void> {
  const url = parsed(address);
  checkUrl(url, allowHttp);
  const bare = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(bare) === 0 && !/(^|\.)localhost\.?$/i.test(bare)) return;
  await checkedAddresses(url.hostname, { allowPrivate, resolve: async () => [{ address: '127.0.0.1', family: 4 }] });
}

function parsed(address: string): URL {
  try {
    return new URL(address);
  } catch (cause) {
    throw new RookeryError('URL_REFUSED', { detail: `${JSON.stringify(address.slice(0, 200))} is no address`, cause });
  }
}
