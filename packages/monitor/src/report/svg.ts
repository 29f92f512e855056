import { type Axis, edgeOf } from '../sketch/axes.ts';
import { shares } from '../statistics/distances.ts';

const width = 340;
const height = 120;
const foot = 16;
const plotHeight = height - foot;

/** Text and attributes of a page. */
export const escapeText = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const fixed = (value: number): string => value.toFixed(1);
const frame = (label: string, body: string): string =>
  `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeText(label)}"><line class="axis" x1="0" x2="${width}" y1="${plotHeight}" y2="${plotHeight}"/>${body}</svg>`;
const text = (x: number, anchor: 'start' | 'middle' | 'end', words: string): string =>
  `<text x="${x}" y="${height - 3}" text-anchor="${anchor}">${escapeText(words)}</text>`;

/** A number in few characters. */
export function short(value: number): string {
  if (Math.abs(value) >= 1e6) return new Intl.NumberFormat('en-US', { notation: 'compact' }).format(value);
  if (value !== 0 && Math.abs(value) < 1e-3) return value.toExponential(0);
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en-US') : String(Math.round(value * 1000) / 1000);
}

/** Both sides' shares a bin: the window filled, the reference as a line. Only where either has pictures. */
export function histogramSvg(axis: Axis, window: readonly number[], reference: readonly number[] | undefined): string {
  const seen = window.map((count, bin) => count + (reference?.[bin] ?? 0));
  const first = Math.max(
    0,
    seen.findIndex((count) => count > 0),
  );
  const last = Math.max(
    first,
    seen.findLastIndex((count) => count > 0),
  );
  const [now, before] = [shares(window), shares(reference ?? [])];
  const most = Math.max(...now, ...before, 1e-9);
  const step = width / (last - first + 1);
  const top = (share: number): number => plotHeight - (share / most) * (plotHeight - 6);
  const bars = now
    .slice(first, last + 1)
    .map((share, at) =>
      share === 0
        ? ''
        : `<rect class="now" x="${fixed(at * step)}" y="${fixed(top(share))}" width="${fixed(Math.max(0.5, step - 0.5))}" height="${fixed(plotHeight - top(share))}"/>`,
    );
  const line = reference
    ? `<polyline class="before" points="${before
        .slice(first, last + 1)
        .flatMap((share, at) => [
          `${fixed(at * step)},${fixed(top(share))}`,
          `${fixed((at + 1) * step)},${fixed(top(share))}`,
        ])
        .join(' ')}"/>`
    : '';
  const [from, to] = [edgeOf(first, axis), edgeOf(last + 1, axis)];
  const ends = text(0, 'start', short(from)) + text(width, 'end', short(to));
  return frame(`${axis.title}: shares of pictures from ${short(from)} to ${short(to)}`, bars.join('') + line + ends);
}

/** A value a slice, with the levels that raise and clear. */
export function seriesSvg(
  label: string,
  values: readonly (number | null)[],
  levels: { readonly raise: number; readonly clear: number },
): string {
  // What is far beyond the level is drawn at the top, so that the levels stay apart.
  const most = Math.min(levels.raise * 5, Math.max(levels.raise * 1.4, ...values.map((value) => value ?? 0)));
  const x = (at: number): number => (values.length === 1 ? width / 2 : 4 + (at / (values.length - 1)) * (width - 8));
  const y = (value: number): number => plotHeight - (Math.min(value, most) / most) * (plotHeight - 6);
  const points = values.flatMap((value, at) => (value === null ? [] : [`${fixed(x(at))},${fixed(y(value))}`]));
  const dots = points.map(
    (point) => `<circle class="dot" r="2" cx="${point.split(',')[0]}" cy="${point.split(',')[1]}"/>`,
  );
  const level = (value: number, name: string): string =>
    `<line class="level ${name}" x1="0" x2="${width}" y1="${fixed(y(value))}" y2="${fixed(y(value))}"/>`;
  return frame(
    label,
    `${level(levels.raise, 'raise')}${level(levels.clear, 'clear')}<polyline class="line" points="${points.join(' ')}"/>${dots.join('')}${text(0, 'start', 'oldest')}${text(width, 'end', 'newest')}`,
  );
}

/** Accuracy over confidence: bars as high as a bin's accuracy, and the diagonal where both are equal. */
export function reliabilitySvg(
  bins: readonly { readonly confidence: number | null; readonly accuracy: number | null; readonly count: number }[],
): string {
  const step = width / bins.length;
  const y = (share: number): number => plotHeight - share * (plotHeight - 6);
  const bars = bins.map(({ accuracy, count }, at) =>
    accuracy === null
      ? ''
      : `<rect class="now" x="${fixed(at * step + 1)}" y="${fixed(y(accuracy))}" width="${fixed(step - 2)}" height="${fixed(plotHeight - y(accuracy))}"><title>${count} pictures, ${short(accuracy)} right</title></rect>`,
  );
  const dots = bins.flatMap(({ confidence, accuracy }) =>
    confidence === null || accuracy === null
      ? []
      : [`<circle class="dot" r="3" cx="${fixed(confidence * width)}" cy="${fixed(y(accuracy))}"/>`],
  );
  const diagonal = `<line class="before" x1="0" y1="${y(0)}" x2="${width}" y2="${y(1)}"/>`;
  return frame(
    'reliability: accuracy over confidence',
    bars.join('') +
      diagonal +
      dots.join('') +
      text(0, 'start', '0') +
      text(width / 2, 'middle', 'confidence') +
      text(width, 'end', '1'),
  );
}
