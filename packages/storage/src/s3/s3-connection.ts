import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import type { S3Client } from '@aws-sdk/client-s3';
import { RookeryError, throwIfAborted } from '@rookery/contracts';
import { Gate } from '../gate.ts';
import { withRetries } from './retry.ts';
import { s3Error } from './s3-errors.ts';
import { type ResolvedS3Options, resolveS3Options, type S3Options } from './s3-options.ts';
import { SlowRequests } from './slow-requests.ts';

/** The SDK, loaded with the first request: it takes a fifth of a second. */
type S3Sdk = typeof import('@aws-sdk/client-s3');

export interface Loaded {
  readonly sdk: S3Sdk;
  readonly client: S3Client;
  readonly http: typeof import('node:http');
  readonly https: typeof import('node:https');
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpsAgent;
}

/** One client and its connections, shared by every bucket of one endpoint. */
export class S3Connection implements AsyncDisposable {
  readonly options: ResolvedS3Options;
  readonly #gate: Gate;
  readonly #slow: SlowRequests;
  #loaded: Promise<Loaded> | undefined;
  #disposed = false;

  constructor(options: S3Options = {}) {
    this.options = resolveS3Options(options);
    this.#gate = new Gate(this.options.maxSockets);
    this.#slow = new SlowRequests({ afterMs: this.options.slowAfterMs, log: this.options.log });
  }

  /**
   * Carries out one request, again where that may help. `operation` gets what it needs to send commands, and which attempt it is.
   * @throws {RookeryError} whatever the server or the network said, in the words of the taxonomy.
   */
  async request<T>(
    tried: string,
    signal: AbortSignal | undefined,
    operation: (loaded: Loaded, attempt: number) => Promise<T>,
  ): Promise<T> {
    const loaded = await this.load();
    using _ = this.#slow.during(tried);
    return await withRetries(this.options, signal, (attempt) =>
      this.#gate.run(async () => {
        throwIfAborted(signal);
        try {
          return await operation(loaded, attempt);
        } catch (error) {
          throw s3Error(error, tried, signal);
        }
      }),
    );
  }

  load(): Promise<Loaded> {
    if (this.#disposed)
      throw new RookeryError('STORE_UNAVAILABLE', { detail: 'the store is closed', retryable: false });
    this.#loaded ??= connect(this.options);
    return this.#loaded;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    (await this.#loaded?.catch(() => undefined))?.client.destroy();
  }
}

async function connect(options: ResolvedS3Options): Promise<Loaded> {
  const [sdk, { NodeHttpHandler }, http, https] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('@smithy/node-http-handler'),
    import('node:http'),
    import('node:https'),
  ]);
  // The gate bounds the connections; most recently used first, so that a quiet pool shrinks.
  const agent = { keepAlive: true, scheduling: 'lifo', maxFreeSockets: options.maxSockets } as const;
  const [httpAgent, httpsAgent] = [new http.Agent(agent), new https.Agent({ ...agent, ca: options.ca })];
  const client = new sdk.S3Client({
    ...(options.endpoint !== undefined && { endpoint: options.endpoint }),
    region: options.region,
    forcePathStyle: options.forcePathStyle,
    // A copy: the SDK writes into it.
    ...(options.credentials && {
      credentials: {
        accessKeyId: options.credentials.accessKeyId,
        secretAccessKey: options.credentials.secretAccessKey,
        ...(options.credentials.sessionToken !== undefined && { sessionToken: options.credentials.sessionToken }),
      },
    }),
    // Repeating is ours: it covers bodies, too, and asks nobody for tokens.
    maxAttempts: 1,
    followRegionRedirects: true,
    // Not every compatible server takes or gives the newer checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: new NodeHttpHandler({
      httpAgent,
      httpsAgent,
      connectionTimeout: options.connectTimeoutMs,
      socketTimeout: options.stallTimeoutMs,
    }),
  });
  return { sdk, client, http, https, httpAgent, httpsAgent };
}
