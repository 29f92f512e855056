import { isIP } from 'node:net';
import { retryAfterMs } from '@rookery/contracts';
import { type AllowPrivate, checkedAddresses, type Resolve, resolveName } from './guarded-lookup.ts';
import { parseAddress } from './parse-address.ts';
import { checkUrl, requestOnce } from './request-once.ts';
import { timeLimit } from './time-limit.ts';

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
  using limit = timeLimit(timeoutMs, outer);
  const { signal } = limit;
  try {
    signal.throwIfAborted();
    const post = { body, headers };
    const url = parseAddress(address);
    const request = requestOnce(url, { allowPrivate, allowHttp, resolve, userAgent, signal, post });
    // One that answers after all is let go of.
    request.then((answer) => signal.aborted && answer.destroy()).catch(() => {});
    const answer = await limit.race(request);
    answer.destroy();
    return { status: answer.statusCode ?? 0, retryAfterMs: retryAfterMs(answer.headers['retry-after'], longestWaitMs) };
  } catch (error) {
    throw limit.named(address, error);
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
  const url = parseAddress(address);
  checkUrl(url, allowHttp);
  const bare = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(bare) === 0 && !/(^|\.)localhost\.?$/i.test(bare)) return;
  await checkedAddresses(url.hostname, { allowPrivate, resolve: async () => [{ address: '127.0.0.1', family: 4 }] });
}
