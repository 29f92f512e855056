import { Counter, collectDefaultMetrics, exponentialBuckets, Gauge, Histogram, Registry } from 'prom-client';
import { createFamily, type Family } from './family.ts';

/** A count that only grows. Its name ends with `_total`. */
export interface CounterSeries {
  inc(by?: number): void;
}

/** A value that goes up and down. */
export interface GaugeSeries {
  set(value: number): void;
  inc(by?: number): void;
  dec(by?: number): void;
}

/** How often which sizes came. Its name ends with its unit, `_seconds` or `_bytes`, or it has buckets of its own. */
export interface HistogramSeries {
  observe(value: number): void;
}

/** A series of a family and its value now. */
export type Sample<L extends string> = readonly [labels: Readonly<Record<L, string>>, value: number];

export interface MetricOptions {
  /** As Prometheus wants it: lower-case words with `_`, the unit at the end. */
  readonly name: string;
  /** One sentence. */
  readonly help: string;
}

export interface CounterOptions extends MetricOptions {
  /** Asked for the count since the start whenever the metrics are rendered. */
  readonly collect?: (() => number) | undefined;
}

export interface GaugeOptions extends MetricOptions {
  /** Asked for the value whenever the metrics are rendered. */
  readonly collect?: (() => number) | undefined;
}

export interface HistogramOptions extends MetricOptions {
  /** Upper bounds, ascending. From the unit where nothing is said: 1 ms to 33 s, 1 kB to 268 MB. */
  readonly buckets?: readonly number[] | undefined;
}

/** Labels of a family: `labels: ['stage']`. */
export interface Labelled<L extends string> {
  readonly labels: readonly L[];
  /** Sets of label values that get a series of their own; the values of later ones become `other`. 100 where nothing is said. */
  readonly maxSeries?: number | undefined;
}

/** What there is to read, for whoever documents or checks it. */
export interface MetricDescription {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** Metrics of one service, apart from those of any other in the process. Observing costs less than a microsecond. */
export interface Metrics {
  counter(options: CounterOptions): CounterSeries;
  gauge(options: GaugeOptions): GaugeSeries;
  histogram(options: HistogramOptions): HistogramSeries;
  /** Whoever asks for the same name again gets the same family: a service and a worker in one process count together. */
  counters<L extends string>(options: MetricOptions & Labelled<L>): Family<L, CounterSeries>;
  gauges<L extends string>(options: MetricOptions & Labelled<L>): Family<L, GaugeSeries>;
  /** Series that come and go, asked for whenever the metrics are rendered; at most `maxSeries` of them. */
  samples<L extends string>(
    options: MetricOptions & Labelled<L> & { readonly collect: () => readonly Sample<L>[] },
  ): void;
  histograms<L extends string>(options: HistogramOptions & Labelled<L>): Family<L, HistogramSeries>;
  /** The body of an answer to Prometheus, and its content type. */
  render(): Promise<{ readonly contentType: string; readonly body: string }>;
  describe(): readonly MetricDescription[];
}

export interface MetricsOptions {
  /** Stands as label `service` in every series. */
  readonly service: string;
  /** Memory, CPU, event loop, garbage collection of the process; on where nothing is said. */
  readonly process?: boolean | undefined;
}

/** Gauges of prom-client whose names end as those of counters do; what they count by type is in none of our rules. */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

export function createMetrics({ service, process = true }: MetricsOptions): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  if (process) collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
  const base = ({ name, help }: MetricOptions) => ({ name: checked(name), help, registers: [registry] });
  return {
    counter: ({ collect, ...options }) =>
      new Counter({
        ...base(options),
        name: counterName(options.name),
        ...(collect && {
          collect() {
            this.reset();
            this.inc(collect());
          },
        }),
      }),
    gauge: ({ collect, ...options }) =>
      new Gauge({
        ...base(options),
        ...(collect && {
          collect() {
            this.set(collect());
          },
        }),
      }),
    histogram: (options) => new Histogram({ ...base(options), buckets: bucketsOf(options) }),
    counters(options) {
      const name = counterName(options.name);
      const known = registry.getSingleMetric(name);
      return createFamily(
        options,
        known instanceof Counter ? known : new Counter({ ...base(options), name, labelNames: options.labels }),
      );
    },
    gauges: (options) => createFamily(options, new Gauge({ ...base(options), labelNames: options.labels })),
    samples({ collect, labels, maxSeries = 100, ...options }) {
      new Gauge({
        ...base(options),
        labelNames: labels,
        collect() {
          this.reset();
          for (const [values, value] of collect().slice(0, maxSeries)) this.set({ ...values }, value);
        },
      });
    },
    histograms: (options) =>
      createFamily(
        options,
        new Histogram({ ...base(options), labelNames: options.labels, buckets: bucketsOf(options) }),
      ),
    render: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
    describe: () =>
      registry.getMetricsAsArray().map((metric) => ({
        name: metric.name,
        type: String(metric.type),
        help: metric.help,
        labels: 'labelNames' in metric && Array.isArray(metric.labelNames) ? metric.labelNames.map(String) : [],
      })),
  };
}

function checked(name: string): string {
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name)) throw new TypeError(`"${name}" is no name for a metric`);
  return name;
}

function counterName(name: string): string {
  if (!name.endsWith('_total')) throw new TypeError(`the name of a counter ends with _total, "${name}" does not`);
  return checked(name);
}

function bucketsOf({ name, buckets }: HistogramOptions): number[] {
  if (buckets) return [...buckets];
  if (name.endsWith('_seconds')) return exponentialBuckets(0.001, 2, 16);
  if (name.endsWith('_bytes')) return exponentialBuckets(1024, 4, 10);
  throw new TypeError(`the name of a histogram ends with _seconds or _bytes, or it has buckets; "${name}" has neither`);
}
