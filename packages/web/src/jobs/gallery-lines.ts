import type { Client, JobLines, LinesQuery, ResultLine } from '@rookery/client';
import { createStore } from '../app/store.ts';

const pageSize = 120;

interface Page {
  readonly cursor: string | undefined;
  readonly lines: readonly ResultLine[];
  readonly positions: readonly string[];
}

export interface GalleryState {
  readonly lines: readonly ResultLine[];
  /** Where the picture of each line is found. */
  readonly positions: readonly string[];
  /** Whether these are all the lines there are so far. */
  readonly atEnd: boolean;
  readonly loading: boolean;
  readonly error: unknown;
}

/** The lines that a filter lets through, read page by page as far as somebody scrolls. */
export class GalleryLines {
  readonly state = createStore<GalleryState>({
    lines: [],
    positions: [],
    atEnd: false,
    loading: false,
    error: undefined,
  });
  readonly #life = new AbortController();
  #pages: Page[] = [];
  #next: string | null | undefined;
  #wanted = 0;

  constructor(
    private readonly client: Client,
    private readonly job: string,
    private readonly query: LinesQuery,
  ) {}

  /** Reads on until there are this many lines, or no more. */
  want(lines: number): void {
    this.#wanted = Math.max(this.#wanted, lines);
    if (!this.state.get().loading && this.state.get().error === undefined) void this.#read();
  }

  /** Reads the last page again, since a running job adds to it. */
  refresh(): void {
    const { loading } = this.state.get();
    if (loading || this.#next !== null) return;
    const last = this.#pages.at(-1);
    this.#next = last?.cursor;
    void this.#read(true);
  }

  /** Reads again everything that was read, once a job is complete and its lines are in their final order. */
  restart(): void {
    if (this.state.get().loading) return;
    this.#next = undefined;
    const kept = this.#pages;
    this.#pages = [];
    void this.#read(false, kept);
  }

  retry(): void {
    this.state.update((state) => ({ ...state, error: undefined }));
    void this.#read();
  }

  stop(): void {
    this.#life.abort();
  }

  /** @param stale Shown until as much has been read again. */
  async #read(replaceLast = false, stale: readonly Page[] = []): Promise<void> {
    const { signal } = this.#life;
    let replacing = replaceLast;
    const least = stale.reduce((sum, { lines }) => sum + lines.length, 0);
    this.state.update((state) => ({ ...state, loading: true }));
    try {
      while (
        this.#next !== null &&
        (replacing || this.#next === undefined || this.#count < Math.max(this.#wanted, least))
      ) {
        const cursor = this.#next;
        const page: JobLines = await this.client.jobs.lines(
          this.job,
          { ...this.query, limit: pageSize, ...(cursor !== undefined && { cursor }) },
          { signal },
        );
        if (replacing) this.#pages.pop();
        replacing = false;
        this.#pages.push({ cursor, lines: page.lines, positions: page.positions });
        this.#next = page.next;
        if (this.#count >= least || page.next === null) this.#show(true);
      }
      this.#show(false);
    } catch (error) {
      if (!signal.aborted) this.state.update((state) => ({ ...state, loading: false, error }));
    }
  }

  get #count(): number {
    return this.#pages.reduce((sum, { lines }) => sum + lines.length, 0);
  }

  #show(loading: boolean): void {
    const lines = this.#pages.flatMap((page) => page.lines);
    const positions = this.#pages.flatMap((page) => page.positions);
    this.state.set({ lines, positions, atEnd: this.#next === null, loading, error: undefined });
  }
}
