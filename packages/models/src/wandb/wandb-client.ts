import { setTimeout as sleep } from 'node:timers/promises';
import { asRookeryError, RookeryError, retryAfterMs } from '@rookery/contracts';
import * as z from 'zod';

export interface WandbOptions {
  /** `https://api.wandb.ai`, or a server of one's own. */
  readonly baseUrl: string;
  /** Nothing is asked of anybody where it is missing: the first request fails. */
  readonly apiKey: string | undefined;
  /** The run that this process belongs to: what it makes is made by that run, what it uses is used by it. */
  readonly run?: WandbRunName | undefined;
}

export interface WandbRunName {
  readonly entity: string;
  readonly project: string;
  readonly name: string;
}

const attempts = 6;
const pauseMs = 250;
/** Of an answer's beginning. */
const timeoutMs = 60_000;

const Answer = z.object({
  data: z.unknown().optional(),
  errors: z.array(z.object({ message: z.string() })).optional(),
});

/**
 * Requests to a server of Weights & Biases, each tried again where that can help.
 *
 * Errors: STORE_DENIED (no key, refused), OBJECT_NOT_FOUND, STORE_UNAVAILABLE.
 */
export class WandbClient {
  readonly baseUrl: string;

  constructor(readonly options: WandbOptions) {
    this.baseUrl = options.baseUrl.replace(/\/+$/, '');
  }

  /** A GraphQL operation; its answer is checked against `schema`. */
  async query<T>(document: string, variables: object, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T> {
    const operation = /(?:query|mutation) (\w+)/.exec(document)?.[1] ?? '';
    const body = JSON.stringify({ operationName: operation, query: document, variables });
    const response = await this.send(`${this.baseUrl}/graphql`, { method: 'POST', body: () => body }, signal);
    const { data, errors } = Answer.parse(await this.#json(response, operation));
    if (errors?.[0]) {
      const text = errors.map(({ message }) => message).join('; ');
      const denied = /permission|denied|unauthori[sz]ed|forbidden/i.test(text);
      throw new RookeryError(denied ? 'STORE_DENIED' : 'STORE_UNAVAILABLE', {
        detail: `${operation}: ${text}`,
        retryable: false,
      });
    }
    const parsed = schema.safeParse(data);
    if (parsed.success) return parsed.data;
    throw new RookeryError('STORE_UNAVAILABLE', {
      detail: `${operation}: the answer of ${this.baseUrl} is not understood`,
      cause: parsed.error,
      retryable: false,
    });
  }

  /** A call that is no GraphQL, such as the file stream of a run. */
  async post(path: string, body: object, signal?: AbortSignal): Promise<void> {
    const text = JSON.stringify(body);
    const response = await this.send(`${this.baseUrl}${path}`, { method: 'POST', body: () => text }, signal);
    await response.body?.cancel();
  }

  /** Sends a request; the key goes along only to the server itself, never to a presigned address. */
  async send(url: string, request: WandbRequest, signal?: AbortSignal): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(url, request, signal);
      } catch (thrown) {
        signal?.throwIfAborted();
        const error = asRookeryError(thrown, 'STORE_UNAVAILABLE');
        if (!error.retryable || attempt === attempts) throw error;
        const pause = pauseMs * 2 ** attempt * (0.5 + Math.random());
        await sleep(Math.max(pause, error.retryAfterMs ?? 0), undefined, { signal });
      }
    }
  }

  async #once(url: string, request: WandbRequest, signal?: AbortSignal): Promise<Response> {
    const { body, presigned } = request;
    const headers = { ...(presigned ? {} : this.#credentials()), ...request.headers };
    // The body of an upload takes its time: only whoever waits can give it up.
    const timeout = body && presigned ? [] : [AbortSignal.timeout(timeoutMs)];
    let response: Response;
    try {
      response = await fetch(url, {
        method: request.method,
        headers,
        signal: AbortSignal.any([...timeout, ...(signal ? [signal] : [])]),
        ...(body && { body: body() as NonNullable<RequestInit['body']>, duplex: 'half' }),
      } as RequestInit);
    } catch (cause) {
      if (cause instanceof RookeryError) throw cause;
      // What a stream of ours failed with is its cause.
      const inner = (cause as { cause?: unknown }).cause;
      if (inner instanceof RookeryError) throw inner;
      throw new RookeryError('STORE_UNAVAILABLE', { detail: `${hostOf(url)} does not answer`, cause });
    }
    if (response.ok) return response;
    const text = (await response.text().catch(() => '')).slice(0, 200);
    // The server itself says so in JSON.
    if (response.status === 404 && !presigned && !/json/.test(response.headers.get('content-type') ?? ''))
      throw new RookeryError('STORE_UNAVAILABLE', {
        detail: `${hostOf(url)} answered 404: ${this.#isItThere()}`,
        retryable: false,
      });
    throw failureOf(response, `${hostOf(url)} answered ${response.status}: ${text}`);
  }

  async #json(response: Response, operation: string): Promise<unknown> {
    try {
      return await response.json();
    } catch (cause) {
      throw new RookeryError('STORE_UNAVAILABLE', {
        detail: `${operation}: the answer is no JSON: ${this.#isItThere()}`,
        cause,
        retryable: false,
      });
    }
  }

  /** Of a page of the web instead of an answer: `https://wandb.ai` is not `https://api.wandb.ai`. */
  #isItThere = (): string => `is ${hostOf(this.baseUrl)} a server of Weights & Biases? (WANDB_BASE_URL)`;

  #credentials(): Record<string, string> {
    const { apiKey } = this.options;
    if (!apiKey)
      throw new RookeryError('STORE_DENIED', { detail: `no key for ${hostOf(this.baseUrl)}: set WANDB_API_KEY` });
    return {
      authorization: `Basic ${Buffer.from(`api:${apiKey}`).toString('base64')}`,
      'content-type': 'application/json',
    };
  }
}

export interface WandbRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Made anew for each attempt. */
  readonly body?: () => string | AsyncIterable<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
  /** The address itself is the permission. */
  readonly presigned?: true;
}

function failureOf({ status, headers }: Response, detail: string): RookeryError {
  if (status === 401 || status === 403) return new RookeryError('STORE_DENIED', { detail });
  if (status === 404) return new RookeryError('OBJECT_NOT_FOUND', { detail });
  const waitMs = retryAfterMs(headers.get('retry-after'), 60_000);
  const retryable = status === 408 || status === 429 || status >= 500;
  return new RookeryError('STORE_UNAVAILABLE', {
    detail,
    retryable,
    ...(waitMs !== undefined && { retryAfterMs: waitMs }),
  });
}

/** Presigned addresses are secrets: only where they lead is said. */
const hostOf = (url: string): string => new URL(url).host;
