/** Series of one metric by the values of its labels. */
export interface Family<L extends string, S> {
  /** The series of these values; keep it where it is used often. */
  with(values: Readonly<Record<L, string>>): S;
}

interface Source<L extends string, S> {
  labels(values: Record<L, string>): S;
}

/** Values beyond the bound share this one. */
const other = 'other';
const defaultMaxSeries = 100;

/**
 * A family whose number of series is bounded: a label whose values come from outside (error codes of a server, names of buckets) would
 * otherwise grow the process and the time series database without end.
 */
export function createFamily<L extends string, S>(
  { labels, maxSeries = defaultMaxSeries }: { readonly labels: readonly L[]; readonly maxSeries?: number | undefined },
  source: Source<L, S>,
): Family<L, S> {
  const series = new Map<string, S>();
  let rest: S | undefined;
  return {
    with(values) {
      let key = '';
      for (const label of labels) key += `${values[label]}\u0000`;
      const known = series.get(key);
      if (known !== undefined) return known;
      if (series.size >= maxSeries) {
        rest ??= source.labels(Object.fromEntries(labels.map((label) => [label, other])) as Record<L, string>);
        return rest;
      }
      const made = source.labels({ ...values });
      series.set(key, made);
      return made;
    },
  };
}
