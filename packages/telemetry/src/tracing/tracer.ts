/*
 * Terms, as OpenTelemetry has them
 *
 * - span: a piece of work with a beginning and an end; spans form a tree, the trace.
 * - traceparent: where in which trace somebody is, as text (W3C Trace Context): `00-<trace>-<span>-<flags>`.
 * - sampled: whether a trace is kept, decided where it begins and told on in the traceparent.
 */

export type SpanKind = 'server' | 'producer' | 'consumer' | 'internal';

/** Names follow OpenTelemetry's semantic conventions; those of Rookery begin with `rookery.`. What is `undefined` is left out. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface SpanOptions {
  /** Default: `internal`. */
  readonly kind?: SpanKind | undefined;
  /** The traceparent of whoever asked for this. What is none begins a trace. */
  readonly parent?: string | undefined;
  /** The traceparent of another trace that this one has to do with. */
  readonly link?: string | undefined;
  readonly attributes?: SpanAttributes | undefined;
}

/** A piece of work under way. Nothing here throws or waits. */
export interface Span {
  /** Whether anybody will see it: for what is dear to find out. */
  readonly isRecording: boolean;
  /** For log lines; `undefined` where tracing is off. */
  readonly traceId: string | undefined;
  /** For whoever goes on with the work elsewhere; `undefined` where tracing is off. */
  readonly traceparent: string | undefined;
  set(attributes: SpanAttributes): void;
  event(name: string, attributes?: SpanAttributes): void;
  /** A part of this work that is done, by the clock of `performance.now()`. */
  part(name: string, fromMs: number, toMs: number, attributes?: SpanAttributes): void;
  /** It did not succeed, with the code of its error. */
  fail(code: string): void;
  end(): void;
}

/** Makes spans. Closing it sends what is held, for a moment at most. */
export interface Tracer extends AsyncDisposable {
  start(name: string, options?: SpanOptions): Span;
}

const nothing = (): void => {};

/** Of a tracer that is off. */
export const noSpan: Span = {
  isRecording: false,
  traceId: undefined,
  traceparent: undefined,
  set: nothing,
  event: nothing,
  part: nothing,
  fail: nothing,
  end: nothing,
};

/** Makes nothing and costs nothing. */
export const noTracer: Tracer = { start: () => noSpan, [Symbol.asyncDispose]: async () => {} };
