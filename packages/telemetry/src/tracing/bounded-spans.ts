import { TraceFlags } from '@opentelemetry/api';
import {
  BatchSpanProcessor,
  type ReadableSpan,
  type Span,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import type { CounterSeries } from '../metrics.ts';
import type { TraceOptions } from './trace-options.ts';

/** Of `ExportResult`. */
const succeeded = 0;

/**
 * Hands spans to the SDK's own batches while fewer than so many are on their way; what does not fit, and what the collector did not take,
 * is counted and said once. The SDK by itself drops in silence.
 */
export class BoundedSpans implements SpanProcessor {
  readonly #options: TraceOptions;
  readonly #batches: BatchSpanProcessor;
  readonly #maxHeld: number;
  readonly #sent: CounterSeries;
  readonly #lost: CounterSeries;
  #held = 0;
  #dropped = 0;
  #down: string | undefined;
  #closed = false;

  constructor(exporter: SpanExporter, options: TraceOptions) {
    const { maxHeldSpans = 2_048, gatherMs = 1_000, metrics } = options;
    this.#options = options;
    this.#maxHeld = maxHeldSpans;
    const spans = metrics.counters({
      name: 'rookery_trace_spans_total',
      help: 'Sampled spans that the collector has, or that were dropped since it did not take them.',
      labels: ['outcome'],
    });
    this.#sent = spans.with({ outcome: 'sent' });
    this.#lost = spans.with({ outcome: 'dropped' });
    this.#batches = new BatchSpanProcessor(this.#watched(exporter), {
      maxQueueSize: maxHeldSpans,
      maxExportBatchSize: Math.min(512, maxHeldSpans),
      scheduledDelayMillis: gatherMs,
    });
  }

  onStart(span: Span, context: Parameters<SpanProcessor['onStart']>[1]): void {
    this.#batches.onStart(span, context);
  }

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
    if (this.#closed || this.#held >= this.#maxHeld) {
      this.#drop(1, this.#down ?? 'the collector is too slow');
      return;
    }
    this.#held++;
    this.#batches.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.#batches.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#batches.shutdown();
  }

  /** Nobody waits any more: what is held is lost. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#drop(this.#held, this.#down ?? 'the collector is too slow');
    this.#held = 0;
    this.#tellDropped();
  }

  #watched(exporter: SpanExporter): SpanExporter {
    return {
      export: (spans, done) =>
        exporter.export(spans, (result) => {
          // After the end these are counted already.
          if (!this.#closed) {
            this.#held -= spans.length;
            if (result.code === succeeded) this.#took(spans.length);
            else this.#drop(spans.length, result.error?.message || 'the collector refuses them');
          }
          // It was said here; the SDK need not say it again.
          done({ code: succeeded });
        }),
      shutdown: () => exporter.shutdown(),
      forceFlush: async () => exporter.forceFlush?.(),
    };
  }

  #took(count: number): void {
    this.#sent.inc(count);
    this.#down = undefined;
    this.#tellDropped();
  }

  #drop(count: number, reason: string): void {
    if (count === 0) return;
    this.#lost.inc(count);
    this.#dropped += count;
    if (this.#down === undefined) this.#options.log.warn({ reason }, 'the trace collector does not take spans');
    this.#down = reason;
  }

  #tellDropped(): void {
    const dropped = this.#dropped;
    this.#dropped = 0;
    if (dropped > 0) this.#options.log.warn({ dropped }, 'spans did not reach their collector');
  }
}
