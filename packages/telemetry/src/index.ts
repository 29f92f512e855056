export {
  type ClosableLogger,
  createLogger,
  type LogDestination,
  type LoggerOptions,
  logDestinations,
} from './create-logger.ts';
export { type EmbeddedFigure, type EmbeddedMetrics, type EmbeddedUnit, embeddedMetrics } from './embedded-metrics.ts';
export type { Family } from './family.ts';
export { hostLabel } from './host-label.ts';
export { type LatencySummary, LatencyWindow } from './latency-window.ts';
export { type LogFields, type LogFunction, type Logger, type LogLevel, logLevels, silentLogger } from './logger.ts';
export {
  type CounterOptions,
  type CounterSeries,
  createMetrics,
  type GaugeOptions,
  type GaugeSeries,
  type HistogramOptions,
  type HistogramSeries,
  type Labelled,
  type MetricDescription,
  type MetricOptions,
  type Metrics,
  type MetricsOptions,
  type Sample,
} from './metrics.ts';
export { prettyLine } from './pretty-line.ts';
export { redact } from './redact.ts';
export { entryOf, type LogEntry } from './remote/log-entry.ts';
export type { RemoteLogOptions } from './remote/remote-options.ts';
export { type RolloutCounts, rolloutCounts } from './rollout-counts.ts';
export type { LogFileOptions } from './rotating-file.ts';
export { openTracer } from './tracing/open-tracer.ts';
export { StageTimes } from './tracing/stage-times.ts';
export { type TraceOptions, type TraceSampler, traceSamplers } from './tracing/trace-options.ts';
export {
  noSpan,
  noTracer,
  type Span,
  type SpanAttributes,
  type SpanKind,
  type SpanOptions,
  type Tracer,
} from './tracing/tracer.ts';
export { fileTracker } from './tracking/file-tracker.ts';
export {
  type HistogramValue,
  noTracker,
  type RunDescription,
  type TableCell,
  type TrackedRow,
  type TrackedRun,
  type Tracker,
  type TrackingLoss,
} from './tracking/tracker.ts';
export { flushSpools } from './tracking/wandb/flush-spools.ts';
export type { WandbTrackerOptions } from './tracking/wandb/messages.ts';
export { listSpools, type SpoolInfo } from './tracking/wandb/spool-folders.ts';
export { wandbTracker } from './wandb-tracker.ts';
