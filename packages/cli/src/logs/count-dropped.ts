import { type LoggerOptions, logDestinations, type Metrics } from '@rookery/telemetry';

/** Counts lines that the log has lost. */
export function countDropped(metrics: Metrics): NonNullable<LoggerOptions['onDropped']> {
  const lines = metrics.counters({
    name: 'rookery_log_dropped_lines_total',
    help: 'Lines of the log that did not reach where they were meant for.',
    labels: ['destination'],
  });
  const series = new Map(logDestinations.map((destination) => [destination, lines.with({ destination })]));
  return (destination, count) => series.get(destination)?.inc(count);
}
