import { setTimeout as sleep } from 'node:timers/promises';
import { encodeLoki } from './encode-loki.ts';
import { encodeOtlp } from './encode-otlp.ts';
import { entryOf } from './log-entry.ts';
import type { RemoteLogOptions } from './remote-options.ts';

const longestPauseMs = 30_000;

/**
 * Posts lines until the server has taken or refused them: whatever may pass (no answer, 429, 5xx) is tried again with growing pauses.
 * @returns whether the server took them; a refusal (another 4xx) is final.
 */
export async function postLines(
  lines: readonly string[],
  { protocol, url, headers, timeoutMs = 10_000 }: RemoteLogOptions,
  onDown: (why: string) => void,
): Promise<boolean> {
  const entries = lines.map((line) => entryOf(line));
  const body = protocol === 'loki' ? encodeLoki(entries) : encodeOtlp(entries);
  const target = new URL(url);
  const authorization = basicAuthorization(target);
  for (let pauseMs = 250; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    const outcome = await post(target, body, { ...authorization, ...headers }, timeoutMs);
    if (outcome === 'taken') return true;
    onDown(outcome.why);
    if (outcome.final) return false;
    await sleep(pauseMs * (0.75 + Math.random() / 2));
  }
}

type Outcome = 'taken' | { readonly why: string; readonly final: boolean };

async function post(url: URL, body: string, headers: Record<string, string>, timeoutMs: number): Promise<Outcome> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: { ...headers, 'content-type': 'application/json' },
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.body?.cancel();
    const { status } = response;
    if (response.ok) return 'taken';
    return { why: `status ${status}`, final: status < 500 && status !== 429 && status !== 408 };
  } catch (error) {
    const { name, cause } = error as Error;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : name;
    return { why: name === 'TimeoutError' ? `no answer in ${timeoutMs} ms` : code, final: false };
  }
}

/** Takes user and password out of the address, where fetch does not allow them. */
function basicAuthorization(url: URL): Record<string, string> {
  if (!url.username) return {};
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}
