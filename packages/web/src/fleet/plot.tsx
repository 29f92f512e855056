import { useEffect, useRef } from 'preact/hooks';
import type UPlot from 'uplot';
import { duration } from '../ui/format.ts';

interface Line {
  readonly name: string;
  /** A CSS variable of the page, such as `--accent`. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
  readonly fill?: boolean;
}

export interface PlotProps {
  plotter: typeof UPlot;
  title: string;
  /** The newest value, in words. */
  now: string;
  more?: string | undefined;
  /** Seconds since the epoch. */
  times: readonly number[];
  lines: readonly Line[];
  format: (value: number) => string;
}

const height = 132;

/** The last minutes of a figure as a small plot, with the newest value above it as text. */
export const Plot = ({ plotter: Plotter, title, now, more, times, lines, format }: PlotProps) => {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | undefined>(undefined);
  const latest = useRef({ times, lines });
  latest.current = { times, lines };
  const isEmpty = lines.every(({ values }) => values.every((value) => value === null));
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
  const data = (): UPlot.AlignedData => [
    [...latest.current.times],
    ...latest.current.lines.map(({ values }) => [...values]),
  ];

  useEffect(() => {
    const { current } = box;
    if (!current) return;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new Plotter(optionsOf(current, latest.current.lines, format), data(), current);
    };
    draw();
    const sizes = new ResizeObserver(() => plot.current?.setSize({ width: current.clientWidth, height }));
    sizes.observe(current);
    // The colours are drawn on a canvas: when the theme changes, the plot has to be drawn again.
    const theme = new MutationObserver(draw);
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    return () => {
      sizes.disconnect();
      theme.disconnect();
      plot.current?.destroy();
    };
  }, []);
  useEffect(() => plot.current?.setData(data()), [times, lines]);

  return (
    <figure class="plot card">
      <figcaption>
        <span class="muted small">{title}</span>
        <strong>{now}</strong>
        <span class="muted small">{more ?? '\u00a0'}</span>
      </figcaption>
      {isEmpty && <p class="plot-empty muted small">Nothing in this time</p>}
      <div ref={box} class="plot-box" role="img" aria-label={`${title} over the last minutes, now ${now}`} />
      <p class="plot-foot muted small" aria-hidden="true">
        <span>{span > 0 ? `${duration(span * 1000)} ago` : ''}</span>
        <span>now</span>
      </p>
    </figure>
  );
};

function optionsOf(box: HTMLElement, lines: readonly Line[], format: (value: number) => string): UPlot.Options {
  const colour = (name: string): string => getComputedStyle(box).getPropertyValue(name).trim();
  const font = '11px system-ui, sans-serif';
  const axis = {
    stroke: colour('--muted'),
    font,
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: box.clientWidth,
    height,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 2, 6, 0],
    scales: { y: { range: (_, min, max) => [0, min === null ? 4 : Math.max(4, max * 1.15)] } },
    axes: [
      { show: false },
      { ...axis, size: 52, space: 34, values: (_, ticks) => ticks.map((tick) => (tick === 0 ? '0' : format(tick))) },
    ],
    series: [
      {},
      ...lines.map(({ name, colour: of, fill }) => ({
        label: name,
        stroke: colour(of),
        width: 1.75,
        points: { size: 4, filter: (plot: UPlot, at: number) => lonely(plot.data[at] ?? []) },
        ...(fill && { fill: colour(`${of}-soft`) }),
      })),
    ],
  };
}

/** Values without neighbours, which a line would not show. */
const lonely = (values: ArrayLike<number | null | undefined>): number[] =>
  Array.from(values).flatMap((value, at) =>
    value != null && values[at - 1] == null && values[at + 1] == null ? [at] : [],
  );
