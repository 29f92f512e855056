/** Of CloudWatch's units, those that are used. */
export type EmbeddedUnit = 'Count' | 'Percent' | 'Seconds';

export interface EmbeddedFigure {
  readonly unit: EmbeddedUnit;
  readonly value: number;
}

export interface EmbeddedMetrics {
  readonly namespace: string;
  /** One set of dimensions. Each set of values is a metric of its own, which is paid for: none that comes and goes. */
  readonly dimensions: Readonly<Record<string, string>>;
  /** By name. */
  readonly figures: Readonly<Record<string, EmbeddedFigure>>;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Bounds of the format. */
const [maxDimensions, maxFigures, maxName, maxValue] = [30, 100, 255, 1024];

/**
 * A line in CloudWatch's embedded metric format
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html): a log group that gets it
 * makes metrics of it.
 * @throws {TypeError} where CloudWatch would not take it.
 */
export function embeddedMetrics({ namespace, dimensions, figures, at }: EmbeddedMetrics): string {
  const [names, metrics] = [Object.keys(dimensions), Object.entries(figures)];
  check(/^[\w.\-/#:]{1,255}$/.test(namespace) && !namespace.startsWith('AWS/'), `namespace ${namespace}`);
  check(names.length <= maxDimensions, `${names.length} dimensions`);
  check(metrics.length > 0 && metrics.length <= maxFigures, `${metrics.length} metrics`);
  for (const [name, value] of Object.entries(dimensions))
    check(isName(name) && value !== '' && value.length <= maxValue, `dimension ${name}`);
  for (const [name, { value }] of metrics)
    check(isName(name) && Number.isFinite(value) && !(name in dimensions), `metric ${name}`);
  const line = {
    _aws: {
      Timestamp: at,
      CloudWatchMetrics: [
        {
          Namespace: namespace,
          Dimensions: [names],
          Metrics: metrics.map(([Name, { unit }]) => ({ Name, Unit: unit })),
        },
      ],
    },
    ...dimensions,
    ...Object.fromEntries(metrics.map(([name, { value }]) => [name, value])),
  };
  return `${JSON.stringify(line)}\n`;
}

/** Members of the line stand beside `_aws`. */
const isName = (name: string): boolean => name !== '' && name !== '_aws' && name.length <= maxName;

function check(holds: boolean, what: string): void {
  if (!holds) throw new TypeError(`${what}: not in the embedded metric format`);
}
