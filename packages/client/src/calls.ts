import createFetch, { type Client as Calls } from 'openapi-fetch';
import type { paths } from './generated/openapi.ts';
import { pause } from './pause.ts';
import type { Fetch } from './sending-fetch.ts';
import { errorOf, ServiceError } from './service-error.ts';

export interface CallOptions {
  /** Where the service is. @default the page's own origin, in a browser */
  readonly baseUrl?: string | undefined;
  /** An API key. A page uses a session instead: see `session`. */
  readonly apiKey?: string | undefined;
  /** How often a call that was refused for want of room (429, 503) is repeated, after as long as the service asked for. @default 3 */
  readonly retries?: number | undefined;
  /** @default the platform's */
  readonly fetch?: Fetch | undefined;
  /** Told of every call that failed, before its promise rejects. */
  readonly onError?: ((error: ServiceError) => void) | undefined;
}

/** What all parts of the client call the service through. */
export interface Service {
  readonly baseUrl: string;
  readonly calls: Calls<paths>;
  /** The platform's fetch. */
  readonly platform: Fetch;
  /** A fetch that also says who asks, and waits where the service asks for it. */
  via(send: Fetch): Fetch;
  /** Of the session; sent with everything but GET and HEAD. */
  csrfToken: string | undefined;
  /** The answer's body. @throws {ServiceError} */
  read<T>(answer: Promise<Answer<T>>): Promise<T>;
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

const longestPauseMs = 30_000;

export function serviceOf(options: CallOptions): Service {
  const baseUrl = (options.baseUrl ?? globalThis.location?.origin ?? '').replace(/\/$/, '');
  const platform = options.fetch ?? ((request: Request) => globalThis.fetch(request));
  const via = (send: Fetch): Fetch => {
    return async (request) => {
      const { headers } = request;
      if (options.apiKey !== undefined) headers.set('authorization', `Bearer ${options.apiKey}`);
      if (service.csrfToken !== undefined && !/^(GET|HEAD)$/.test(request.method))
        headers.set('x-csrf-token', service.csrfToken);
      return patiently(send, request, options.retries ?? 3);
    };
  };
  const service: Service = {
    baseUrl,
    platform,
    via,
    csrfToken: undefined,
    calls: createFetch<paths>({ baseUrl, fetch: via(platform) }),
    read: async (answer) => {
      try {
        const { data, error, response } = await answer;
        if (!response.ok) throw await errorOf(response, error);
        return data as never;
      } catch (thrown) {
        const error = thrown instanceof ServiceError ? thrown : unreachable(thrown);
        if (error instanceof ServiceError) options.onError?.(error);
        throw error;
      }
    },
  };
  return service;
}

/** A request that was refused for want of room has done nothing: it is sent again when the service says, or soon. */
async function patiently(send: Fetch, request: Request, retries: number): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    const last = attempt >= retries;
    const response = await send(last ? request : request.clone());
    if (last || (response.status !== 429 && response.status !== 503)) return response;
    const asked = Number(response.headers.get('retry-after') ?? Number.NaN) * 1000;
    const soon = 250 * 2 ** attempt * (0.5 + Math.random());
    await response.body?.cancel();
    await pause(Math.min(Number.isNaN(asked) ? soon : asked + soon / 4, longestPauseMs), request.signal);
  }
}

/** What fetch throws where nothing answers; a call that was given up passes through. */
function unreachable(thrown: unknown): unknown {
  if (thrown instanceof Error && (thrown.name === 'AbortError' || thrown.name === 'TimeoutError')) return thrown;
  return ServiceError.own('UNREACHABLE', 'the service does not answer', thrown);
}
