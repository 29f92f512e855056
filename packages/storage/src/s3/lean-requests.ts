import type { IncomingMessage, RequestOptions } from 'node:http';
import type { LearntEndpoint } from './learn-endpoint.ts';
import { type Described, type ObjectRequests, rangeHeader, type Wanted } from './object-requests.ts';
import type { Loaded } from './s3-connection.ts';
import type { ResolvedS3Options } from './s3-options.ts';
import { Sigv4 } from './sigv4.ts';

/** What the SDK knows how to deal with and this does not: redirects to other regions, clocks that are wrong, credentials to renew. */
const needsSdk = new Set([
  ...['PermanentRedirect', 'TemporaryRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException'],
  ...['RequestTimeTooSkewed', 'RequestExpired', 'ExpiredToken', 'InvalidToken'],
]);
export const isForSdk = (error: unknown): boolean =>
  error instanceof Error && (needsSdk.has(error.name) || ('isRedirect' in error && error.isRedirect === true));

/** As RFC 3986 has it, which is what signatures are made over; `/` stays. */
const encodeKey = (key: string): string =>
  encodeURIComponent(key)
    .replace(/%2F/g, '/')
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

const encodeQuery = (text: string): string => encodeKey(text).replaceAll('/', '%2F');

/**
 * Signed and sent without the SDK's layers, over the same connections: a sixth of its cost a request, which a fleet pays for every
 * picture.
 */
export function leanRequests(loaded: Loaded, endpoint: LearntEndpoint, options: ResolvedS3Options): ObjectRequests {
  const signer = new Sigv4(endpoint.region);
  const { request: start } = endpoint.protocol === 'https:' ? loaded.https : loaded.http;
  const agent = endpoint.protocol === 'https:' ? loaded.httpsAgent : loaded.httpAgent;

  const send = async (
    method: 'GET' | 'HEAD' | 'PUT',
    key: string,
    request: { query?: string; headers: Record<string, string>; body?: Uint8Array; signal: AbortSignal | undefined },
  ): Promise<IncomingMessage> => {
    const { query = '', body } = request;
    const path = endpoint.path + encodeKey(key);
    const credentials = await loaded.client.config.credentials();
    const signed = signer.headers({ method, host: endpoint.host, path, query, body }, credentials, new Date());
    const answer = await exchange(start, body, options.connectTimeoutMs, {
      method,
      hostname: endpoint.hostname,
      port: endpoint.port,
      path: query === '' ? path : `${path}?${query}`,
      headers: { ...request.headers, ...signed, 'user-agent': 'rookery' },
      agent,
      setHost: false,
      timeout: options.stallTimeoutMs,
      ...(request.signal && { signal: request.signal }),
    });
    if (answer.statusCode !== 200 && answer.statusCode !== 206) throw await errorOf(answer);
    return answer;
  };

  const wantedHeaders = ({ ifMatch, range }: Wanted): Record<string, string> => ({
    ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}"` }),
    ...(range && { range: rangeHeader(range) }),
  });
  const wantedQuery = ({ versionId }: Wanted): string =>
    versionId === undefined ? '' : `versionId=${encodeQuery(versionId)}`;

  return {
    async get(key, wanted, signal) {
      const answer = await send('GET', key, { headers: wantedHeaders(wanted), query: wantedQuery(wanted), signal });
      return { ...describe(answer), body: answer };
    },
    async head(key, wanted, signal) {
      const answer = await send('HEAD', key, { headers: wantedHeaders(wanted), query: wantedQuery(wanted), signal });
      await ended(answer);
      return describe(answer);
    },
    async put(key, { body, contentType, ifAbsent }, signal) {
      const headers = {
        'content-length': String(body.byteLength),
        'content-type': contentType ?? 'application/octet-stream',
        ...(ifAbsent && { 'if-none-match': '*' }),
      };
      const answer = await send('PUT', key, { headers, body, signal });
      await ended(answer);
    },
  };
}

type Start = typeof import('node:http')['request'];

function exchange(
  start: Start,
  body: Uint8Array | undefined,
  connectMs: number,
  options: RequestOptions,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const late = (what: string) => Object.assign(new Error(what), { name: 'TimeoutError' });
    const request = start(options, resolve);
    request.once('error', reject);
    // Idle, not long: whatever moves on the connection starts the time anew, also while the body is read.
    request.on('timeout', () => request.destroy(late(`no byte moved for ${options.timeout} ms`)));
    request.once('socket', (socket) => {
      if (!socket.connecting) return;
      const timer = setTimeout(() => request.destroy(late(`no connection within ${connectMs} ms`)), connectMs);
      socket.once('connect', () => clearTimeout(timer));
      socket.once('close', () => clearTimeout(timer));
    });
    request.end(body);
  });
}

/** Only an answer that was read to its end gives its connection back. */
async function ended(answer: IncomingMessage): Promise<void> {
  for await (const _ of answer);
}

function describe({ headers }: IncomingMessage): Described {
  const length = headers['content-length'];
  const versionId = headers['x-amz-version-id'];
  return {
    ContentLength: length === undefined ? undefined : Number(length),
    ContentRange: headers['content-range'],
    ETag: headers.etag,
    LastModified: headers['last-modified'] === undefined ? undefined : new Date(headers['last-modified']),
    VersionId: typeof versionId === 'string' ? versionId : undefined,
  };
}

const maxErrorBytes = 64 * 1024;

/** What the server answered, in the form that the SDK gives it. */
async function errorOf(answer: IncomingMessage): Promise<Error> {
  const { statusCode = 0, headers } = answer;
  let text = '';
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    text += chunk.toString();
    if (text.length > maxErrorBytes) break;
  }
  const inside = (tag: string): string | undefined => new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(text)?.[1];
  const error = new Error(inside('Message') ?? answer.statusMessage ?? '');
  error.name = inside('Code') ?? (statusCode === 404 ? 'NotFound' : 'Unknown');
  return Object.assign(error, {
    $metadata: { httpStatusCode: statusCode },
    $response: { headers },
    isRedirect: statusCode >= 300 && statusCode < 400,
  });
}
