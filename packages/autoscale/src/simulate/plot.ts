import type { Sample, SimulationResult } from './simulation.ts';

const width = 760;
const panel = 150;
const margin = { left: 64, right: 16, top: 28, between: 44 };

/** Backlog and workers over time, as an SVG that stands alone and follows the colour scheme of whoever looks. */
export function plotSimulation({ samples, completionMs }: SimulationResult, title: string): string {
  const drawn = thinned(samples);
  const lastMs = Math.max(1, samples.at(-1)?.atMs ?? completionMs);
  const height = margin.top + 2 * panel + 2 * margin.between;
  const x = (atMs: number): number => margin.left + (atMs / lastMs) * (width - margin.left - margin.right);
  const draw = (top: number, name: string, series: readonly [string, (sample: Sample) => number][]): string => {
    const most = drawn.reduce((more, sample) => Math.max(more, ...series.map(([, of]) => of(sample))), 1);
    const y = (value: number): number => top + panel - (value / most) * panel;
    const lines = series.map(([kind, of]) => {
      const points = drawn.flatMap((sample, at) => {
        const before = drawn[at - 1];
        const step = before ? [`${x(sample.atMs).toFixed(1)},${y(of(before)).toFixed(1)}`] : [];
        return [...step, `${x(sample.atMs).toFixed(1)},${y(of(sample)).toFixed(1)}`];
      });
      return `<polyline class="${kind}" points="${points.join(' ')}"/>`;
    });
    const ticks = [0, most / 2, most].map(
      (value) =>
        `<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${y(value)}" y2="${y(value)}"/><text x="${margin.left - 8}" y="${y(value) + 4}" text-anchor="end">${label(value)}</text>`,
    );
    return `<text class="name" x="${margin.left}" y="${top - 8}">${name}</text>${ticks.join('')}${lines.join('')}`;
  };
  const second = margin.top + panel + margin.between;
  const feet = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<text x="${x(share * lastMs).toFixed(1)}" y="${second + panel + 20}" text-anchor="${share === 0 ? 'start' : share === 1 ? 'end' : 'middle'}">${timeLabel(share * lastMs)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeText(title)}">
<style>
svg{color-scheme:light dark;background:light-dark(#fff,#14181d)}
text{font:12px system-ui,sans-serif;fill:light-dark(#465362,#aab6c4)}.name{font-weight:600}
.grid{stroke:light-dark(#dfe5ec,#2b333d)}polyline{fill:none;stroke-width:2;stroke:light-dark(#1f6feb,#6cb0ff)}.starting{stroke:light-dark(#d9822b,#ffb366)}
tspan.running{fill:light-dark(#1f6feb,#6cb0ff)}tspan.starting{stroke:none;fill:light-dark(#b85f0a,#ffb366)}
</style>
${draw(margin.top, 'tasks that wait or are being done', [['backlog', ({ waiting, leased }) => waiting + leased]])}
${draw(second, 'workers: <tspan class="running">running</tspan>, and <tspan class="starting">being started</tspan>', [
  ['running', ({ running }) => running],
  ['starting', ({ starting }) => starting],
])}
${feet.join('')}
</svg>
`;
}

/** No more than the picture has room for: of samples that would share a pixel the largest of each figure. */
function thinned(samples: readonly Sample[]): readonly Sample[] {
  const each = Math.ceil(samples.length / width);
  if (each < 2) return samples;
  return Array.from({ length: Math.ceil(samples.length / each) }, (_, at) => {
    const [first, ...others] = samples.slice(at * each, (at + 1) * each) as [Sample, ...Sample[]];
    return others.reduce(largest, first);
  });
}

/** The first's moment; waiting and leased together, since their sum is what is drawn. */
function largest(one: Sample, other: Sample): Sample {
  const { waiting, leased } = other.waiting + other.leased > one.waiting + one.leased ? other : one;
  const [running, starting] = [Math.max(one.running, other.running), Math.max(one.starting, other.starting)];
  return { atMs: one.atMs, waiting, leased, running, starting };
}

const escapeText = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
const label = (value: number): string =>
  value >= 1000 ? `${(value / 1000).toFixed(1)}k` : value.toFixed(value < 10 && value % 1 > 0 ? 1 : 0);
const timeLabel = (ms: number): string =>
  ms >= 5_400_000 ? `${(ms / 3_600_000).toFixed(1)} h` : `${(ms / 60_000).toFixed(1)} min`;
