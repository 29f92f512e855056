import { setTimeout as sleep } from 'node:timers/promises';
import { unknownEntity } from './proxy.ts';
import type { Spool, SpooledRequest } from './spool.ts';

export interface ForwarderOptions {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly entity?: string | undefined;
  /** For one answer. */
  readonly timeoutMs?: number | undefined;
  /** The first pause after a failure; each is twice the one before, up to half a minute. */
  readonly pauseMs?: number | undefined;
  /** The spool's state may have changed. */
  readonly onState?: (() => void) | undefined;
}

const longestPauseMs = 30_000;
/** While somebody waits for the end. */
const hurriedPauseMs = 250;

/** Why something did not arrive. `final`: it never will. */
class Refused extends Error {
  constructor(
    message: string,
    readonly final: boolean,
  ) {
    super(message);
  }
}

/**
 * Sends a spool to the server, in order, each request until it has arrived. A chunk is told where it belongs, so one whose answer was lost may
 * be sent again; where chunks before it were dropped for want of room, those after close up.
 */
export class Forwarder {
  #entity: string | undefined;
  #wake = new AbortController();
  #hurried = false;

  constructor(
    private readonly spool: Spool,
    private readonly options: ForwarderOptions,
  ) {
    this.#entity = options.entity;
  }

  /** The end is near: pauses stay short. */
  hurry(): void {
    this.#hurried = true;
    this.wake();
  }

  /** There is more: do not wait out a pause. */
  wake(): void {
    this.#wake.abort();
    this.#wake = new AbortController();
  }

  /** Until everything has arrived, or it is aborted. @returns whether everything has. */
  async flush(signal: AbortSignal): Promise<boolean> {
    const { pauseMs: first = 500 } = this.options;
    for (let pauseMs = first; !signal.aborted; ) {
      const next = this.spool.first();
      if (!next) return true;
      try {
        const lines = await this.#send(next.request, signal);
        this.spool.done(next.bytes, { lines: { ...this.spool.state.lines, ...lines } });
        pauseMs = first;
        this.options.onState?.();
      } catch (error) {
        if (signal.aborted) break;
        if (error instanceof Refused && error.final) {
          this.spool.done(next.bytes, { droppedLines: this.spool.state.droppedLines + linesIn(next.request) });
          this.spool.troubled(error.message);
          this.options.onState?.();
          continue;
        }
        this.spool.troubled(reasonOf(error));
        this.options.onState?.();
        if (this.#hurried) pauseMs = hurriedPauseMs;
        await sleep(pauseMs * (0.75 + Math.random() / 2), undefined, {
          signal: AbortSignal.any([signal, this.#wake.signal]),
        }).catch(() => {});
        pauseMs = Math.min(2 * pauseMs, longestPauseMs);
      }
    }
    return this.spool.waitingBytes === 0;
  }

  /** @returns how many lines of each file the server has after it. */
  async #send({ path, body }: SpooledRequest, signal: AbortSignal): Promise<Record<string, number>> {
    this.#entity ??= await this.#ownEntity(signal);
    if (path === '/graphql') {
      const { query, variables } = JSON.parse(body) as { query: string; variables: Record<string, unknown> };
      const entity = variables.entity === unknownEntity ? this.#entity : variables.entity;
      const answer = await this.#post(path, JSON.stringify({ query, variables: { ...variables, entity } }), signal);
      const { errors } = answer as { errors?: readonly { readonly message?: string }[] };
      if (errors?.[0]) throw new Refused(errors[0].message ?? 'the server refused it', false);
      return {};
    }
    const { lines, text } = this.#placed(body);
    await this.#post(
      path.replace(`/files/${unknownEntity}/`, `/files/${encodeURIComponent(this.#entity)}/`),
      text,
      signal,
    );
    return lines;
  }

  /** The chunk with the offsets that the server expects. */
  #placed(body: string): { readonly lines: Record<string, number>; readonly text: string } {
    const chunk = JSON.parse(body) as StreamChunk;
    const lines: Record<string, number> = {};
    const files: Record<string, unknown> = {};
    for (const [name, { content, offset }] of Object.entries(chunk.files ?? {})) {
      const isHistory = name === historyFile;
      const at = isHistory ? (this.spool.state.lines[name] ?? 0) : offset;
      files[name] = { offset: at, content };
      if (isHistory) lines[name] = (at ?? 0) + content.length;
    }
    return { lines, text: JSON.stringify({ ...chunk, ...(chunk.files && { files }) }) };
  }

  async #ownEntity(signal: AbortSignal): Promise<string> {
    const answer = await this.#post(
      '/graphql',
      JSON.stringify({ query: 'query Viewer { viewer { id entity } }' }),
      signal,
    );
    const { data } = answer as { data?: { viewer?: { entity?: string } | null } };
    const entity = data?.viewer?.entity;
    if (!entity) throw new Refused('the server does not know whose key it is', false);
    return entity;
  }

  async #post(path: string, body: string, signal: AbortSignal): Promise<unknown> {
    const { baseUrl, apiKey, timeoutMs = 10_000 } = this.options;
    const response = await fetch(new URL(path, baseUrl), {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from(`api:${apiKey}`).toString('base64')}`,
      },
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    const text = await response.text();
    const { status } = response;
    if (response.ok) return JSON.parse(text || '{}');
    if (status === 401 || status === 403) throw new Refused(`the server refuses the key (status ${status})`, false);
    throw new Refused(`status ${status}`, [400, 404, 409, 413, 422].includes(status));
  }
}

const historyFile = 'wandb-history.jsonl';

interface StreamChunk {
  readonly files?: Readonly<Record<string, { readonly content: readonly string[]; readonly offset?: number }>>;
}

function linesIn({ path, body }: SpooledRequest): number {
  return path === '/graphql' ? 0 : ((JSON.parse(body) as StreamChunk).files?.[historyFile]?.content.length ?? 0);
}

function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error;
  if (name === 'TimeoutError') return 'the server does not answer';
  return cause instanceof Error && 'code' in cause ? String(cause.code) : message;
}
