import type { Loaded } from './s3-connection.ts';

/** Where the objects of a bucket are, and for which region requests are signed. */
export interface LearntEndpoint {
  readonly protocol: 'http:' | 'https:';
  readonly hostname: string;
  readonly port: number | undefined;
  /** As the header has it. */
  readonly host: string;
  /** In front of the key, with `/` at its end. */
  readonly path: string;
  readonly region: string;
}

interface SignedRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Headers that the lean way sends, too, or that only describe the client. Any other means something that it does not know. */
const known = new Set([
  ...[
    'host',
    'authorization',
    'user-agent',
    'x-amz-user-agent',
    'x-amz-date',
    'x-amz-content-sha256',
    'x-amz-security-token',
  ],
  ...['amz-sdk-invocation-id', 'amz-sdk-request', 'x-amzn-trace-id'],
]);

const stopped = new Error('stopped before it was sent');

/**
 * Lets the SDK make and sign a request, and reads off it where it would have gone: that is not guessed. Undefined where there is
 * anything in it that the lean way does not do (other signatures, session tokens of directory buckets, access points).
 */
export async function learnEndpoint({ sdk, client }: Loaded, bucket: string): Promise<LearntEndpoint | undefined> {
  const command = new sdk.GetObjectCommand({ Bucket: bucket, Key: 'key' });
  let request: SignedRequest | undefined;
  command.middlewareStack.add(
    () => async (args) => {
      request = args.request as SignedRequest;
      throw stopped;
    },
    { step: 'deserialize', priority: 'low', name: 'learnEndpoint' },
  );
  try {
    await client.send(command);
  } catch (error) {
    if (error !== stopped) throw error;
  }
  if (!request) return undefined;
  const { protocol, hostname, port, path, headers } = request;
  const scope = /^AWS4-HMAC-SHA256 Credential=[^,]*\/\d{8}\/([a-z0-9-]+)\/s3\/aws4_request,/.exec(
    headers.authorization ?? '',
  );
  const region = scope?.[1];
  const plain = Object.keys(headers).every((name) => known.has(name.toLowerCase()));
  if (region === undefined || !plain || !path.endsWith('/key')) return undefined;
  if (protocol !== 'http:' && protocol !== 'https:') return undefined;
  return { protocol, hostname, port, host: headers.host ?? hostname, path: path.slice(0, -3), region };
}
