import type { IncomingMessage } from 'node:http';

export type Fault =
  /** The connection is cut before an answer. */
  | { readonly kind: 'down' }
  /** The request is taken and never answered. */
  | { readonly kind: 'black-hole' }
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** What stands before the server answers with a page of its own. */
  | { readonly kind: 'page'; readonly status: number; readonly page: string }
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** Of a download: the connection ends after so many bytes. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** The request is done, but its answer is lost. */
  | { readonly kind: 'lost-answer' };

export interface FaultRule {
  readonly fault: Fault;
  /** Which requests; all where nothing is said. `operation` is that of GraphQL. */
  readonly when?: (request: {
    readonly method: string;
    readonly path: string;
    readonly operation: string | undefined;
  }) => boolean;
  /** How many requests; endless where nothing is said. */
  readonly times?: number;
}

/** Faults on demand. */
export class Faults {
  #rules: { rule: FaultRule; left: number }[] = [];

  /** Until `clear`, or for `times` requests. */
  add(rule: FaultRule): void {
    this.#rules.push({ rule, left: rule.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#rules = [];
  }

  /** What befalls a request. */
  take(request: IncomingMessage, operation: string | undefined): Fault | undefined {
    const seen = { method: request.method ?? '', path: request.url ?? '', operation };
    const found = this.#rules.find(({ rule, left }) => left > 0 && (rule.when?.(seen) ?? true));
    if (found) found.left -= 1;
    return found?.rule.fault;
  }
}
