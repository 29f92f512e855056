import { pause } from '@rookery/contracts';
import { unknownEntity } from './proxy.ts';
import { Refused, ServerLink, type ServerLinkOptions } from './server-link.ts';
import type { Spool, SpooledRequest } from './spool.ts';
import { type SpooledTable, tablePath } from './spooled-table.ts';
import { uploadTable } from './table-upload.ts';

export interface ForwarderOptions extends ServerLinkOptions {
  /** Of runs that were begun without one; the key's own where nothing is said. */
  readonly entity?: string | undefined;
  /** The first pause after a failure; each is twice the one before, up to half a minute. */
  readonly pauseMs?: number | undefined;
  /** The spool's state may have changed. */
  readonly onState?: (() => void) | undefined;
}

const longestPauseMs = 30_000;
/** While somebody waits for the end. */
const hurriedPauseMs = 250;

/**
 * Sends a spool to the server, in order, each request until it has arrived. A chunk is told where it belongs, so one whose answer was lost may
 * be sent again; where chunks before it were dropped for want of room, those after close up.
 */
export class Forwarder {
  readonly #server: ServerLink;
  #entity: string | undefined;
  #wake = new AbortController();
  #hurried = false;

  constructor(
    private readonly spool: Spool,
    private readonly options: ForwarderOptions,
  ) {
    this.#server = new ServerLink(options);
    this.#entity = spool.state.entity ?? spool.run.entity ?? options.entity;
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
        this.spool.done(next.bytes, { lines: { ...this.spool.state.lines, ...lines }, entity: this.#entity });
        pauseMs = first;
        this.options.onState?.();
      } catch (error) {
        if (signal.aborted) break;
        if (error instanceof Refused && error.final) {
          const droppedLines = this.spool.state.droppedLines + linesIn(next.request);
          this.spool.done(next.bytes, { droppedLines, dropReason: error.message });
          this.options.onState?.();
          continue;
        }
        this.spool.troubled(reasonOf(error));
        this.options.onState?.();
        if (this.#hurried) pauseMs = hurriedPauseMs;
        // What the server asks for is waited for, whatever else comes.
        const asked = error instanceof Refused ? error.retryAfterMs : 0;
        if (asked > 0) await pause(asked, signal);
        await pause(pauseMs * (0.75 + Math.random() / 2), signal, this.#wake.signal);
        pauseMs = Math.min(2 * pauseMs, longestPauseMs);
      }
    }
    return this.spool.waitingBytes === 0;
  }

  /** @returns how many lines of each file the server has after it. */
  async #send({ path, body }: SpooledRequest, signal: AbortSignal): Promise<Record<string, number>> {
    this.#entity ??= await this.#ownEntity(signal);
    if (path === tablePath) {
      await this.#sendTable(JSON.parse(body) as SpooledTable, this.#entity, signal);
      return {};
    }
    if (path === '/graphql') {
      const { query, variables } = JSON.parse(body) as { query: string; variables: Record<string, unknown> };
      const entity = variables.entity === unknownEntity ? this.#entity : variables.entity;
      await this.#server.query(query, { ...variables, entity }, false, signal);
      return {};
    }
    const { lines, text } = this.#placed(body);
    await this.#server.post(
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

  /** One that the server has no use for is given up: rows wait behind it. */
  async #sendTable(table: SpooledTable, entity: string, signal: AbortSignal): Promise<void> {
    const { id: run, project } = this.spool.run;
    await uploadTable(
      table,
      { entity, project, run },
      {
        query: (document, variables) => this.#server.query(document, variables, true, signal),
        put: (url, headers, bytes) => this.#server.put(url, headers, bytes, signal),
      },
    );
  }

  async #ownEntity(signal: AbortSignal): Promise<string> {
    const data = await this.#server.query('query Viewer { viewer { id entity } }', {}, false, signal);
    const entity = (data as { viewer?: { entity?: string } | null } | undefined)?.viewer?.entity;
    if (!entity) throw new Refused('the server does not know whose key it is', false);
    return entity;
  }
}

const historyFile = 'wandb-history.jsonl';

interface StreamChunk {
  readonly files?: Readonly<Record<string, { readonly content: readonly string[]; readonly offset?: number }>>;
}

function linesIn({ path, body }: SpooledRequest): number {
  if (path === tablePath) return 1;
  return path === '/graphql' ? 0 : ((JSON.parse(body) as StreamChunk).files?.[historyFile]?.content.length ?? 0);
}

function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error;
  if (name === 'TimeoutError') return 'the server does not answer';
  return cause instanceof Error && 'code' in cause ? String(cause.code) : message;
}
