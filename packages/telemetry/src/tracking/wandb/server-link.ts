import { retryAfterMs } from '@rookery/contracts';

const longestWaitMs = 300_000;

/** Why something did not arrive. `final`: it never will. `retryAfterMs`: not before. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly final: boolean,
    readonly retryAfterMs = 0,
  ) {
    super(message);
  }
}

export interface ServerLinkOptions {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** For one answer. */
  readonly timeoutMs?: number | undefined;
}

/** Requests to the server, each once. @throws {Refused}, or what `fetch` throws. */
export class ServerLink {
  constructor(private readonly options: ServerLinkOptions) {}

  async post(path: string, body: string, signal: AbortSignal): Promise<unknown> {
    const { baseUrl, apiKey } = this.options;
    const headers = {
      'content-type': 'application/json',
      authorization: `Basic ${Buffer.from(`api:${apiKey}`).toString('base64')}`,
    };
    const response = await this.#fetch(new URL(path, baseUrl), { method: 'POST', body, headers }, signal);
    const answer = jsonIn(await response.text());
    const { status } = response;
    if (response.ok && answer !== undefined) return answer;
    if (status === 401 || status === 403) throw new Refused(`the server refuses the key (status ${status})`, false);
    // A page of whatever stands before the server, or of another one: it may be there again in a minute.
    if (answer === undefined) throw new Refused(`status ${status} and no JSON: is it a server of W&B?`, false);
    const waitMs = retryAfterMs(response.headers.get('retry-after'), longestWaitMs);
    throw new Refused(`status ${status}`, [400, 404, 409, 413, 422].includes(status), waitMs);
  }

  /** `final`: of what the server says is wrong with it. */
  async query(query: string, variables: object, final: boolean, signal: AbortSignal): Promise<unknown> {
    const answer = await this.post('/graphql', JSON.stringify({ query, variables }), signal);
    const { data, errors } = answer as { data?: unknown; errors?: readonly { readonly message?: string }[] };
    if (errors?.[0]) throw new Refused(errors[0].message ?? 'the server refused it', final);
    return data;
  }

  /** To a presigned address, which is not told the key; where it has expired, another one is to be asked for. */
  async put(url: string, headers: Readonly<Record<string, string>>, body: Buffer, signal: AbortSignal): Promise<void> {
    const response = await this.#fetch(url, { method: 'PUT', headers, body: new Uint8Array(body) }, signal);
    await response.body?.cancel();
    if (!response.ok) throw new Refused(`a file was not taken (status ${response.status})`, false);
  }

  #fetch(url: string | URL, request: RequestInit, signal: AbortSignal): Promise<Response> {
    const { timeoutMs = 10_000 } = this.options;
    return fetch(url, {
      ...request,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
  }
}

/** `undefined` for what is none. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text || '{}');
  } catch {
    return undefined;
  }
}
