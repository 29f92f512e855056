import { escapeText, htmlPage } from '@rookery/monitor';
import type { Agreement } from '@rookery/optimizer';
import { keptText, percent } from './report-text.ts';
import type { Setting } from './tune-setting.ts';

/** What a setting gave. */
export interface TunedSetting extends Setting {
  /** Median of the passes. */
  readonly picturesPerSecond: number;
  readonly agreement: Omit<Agreement, 'flips'>;
  /** No other is as fast and moves the scores as little. */
  readonly pareto: boolean;
}

export interface TuneReport {
  readonly v: 1;
  readonly model: string;
  readonly version: string;
  /** What the others are compared with: this variant's labels with ONNX Runtime. */
  readonly reference: string;
  readonly wanted: number;
  /** Fastest first. */
  readonly settings: readonly TunedSetting[];
  /** The fastest that agrees. */
  readonly chosen: TunedSetting | null;
  readonly skipped: readonly { readonly what: string; readonly why: string }[];
}

export const settingText = ({ variant, engine, threads, batch }: Setting): string =>
  `--variant ${variant} --engine ${engine} --threads ${threads} --batch ${batch}`;

export const tuneRow = ({
  variant,
  engine,
  threads,
  batch,
  picturesPerSecond,
  agreement,
  pareto,
}: TunedSetting): string[] => [
  variant,
  engine,
  String(threads),
  String(batch),
  picturesPerSecond.toFixed(0),
  keptText(agreement),
  agreement.largestShift.toFixed(4),
  pareto ? 'best of its kind' : '',
];

export const tuneTitles = ['VARIANT', 'ENGINE', 'THREADS', 'BATCH', 'PICTURES/S', 'LABELS KEPT', 'LARGEST SHIFT', ''];

/** The table and the plot, as a page that needs nothing else. */
export function tunePage({ model, version, reference, wanted, settings, chosen, skipped }: TuneReport): string {
  const sources = settings[0]?.agreement.sources ?? 0;
  const rows = settings.map(
    (setting) =>
      `<tr>${tuneRow(setting)
        .map((cell) => `<td>${escapeText(cell)}</td>`)
        .join('')}</tr>`,
  );
  return htmlPage(
    `${escapeText(model)}: what runs fastest here`,
    `<p>Version <code>${escapeText(version)}</code>. Labels are compared with those of <code>${escapeText(reference)}</code> with ONNX Runtime on ${sources} different pictures; the 95 % interval is in brackets. Speed is that of the classifier without decoding.</p>
<p>${chosen ? `The fastest that keeps ${percent(wanted)} of the labels: <code>${escapeText(settingText(chosen))}</code>.` : `None keeps ${percent(wanted)} of the labels.`}</p>
<figure>${scatter(settings)}<figcaption class="muted">Each dot is a setting: to the right faster, further down closer to the scores of reference. The line joins those that no other beats.</figcaption></figure>
<div class="wide" tabindex="0" role="region" aria-label="Settings"><table><thead><tr>${tuneTitles.map((title) => `<th>${title.toLowerCase()}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>
${skipped.map(({ what, why }) => `<p class="muted">${escapeText(what)}: ${escapeText(why)}</p>`).join('')}`,
  );
}

const [width, height, edge] = [640, 260, 26];

function scatter(settings: readonly TunedSetting[]): string {
  const fastest = Math.max(...settings.map(({ picturesPerSecond }) => picturesPerSecond), 1);
  const furthest = Math.max(...settings.map(({ agreement }) => agreement.largestShift), 1e-6);
  const x = ({ picturesPerSecond }: TunedSetting): string =>
    (edge + (picturesPerSecond / fastest) * (width - 2 * edge)).toFixed(1);
  const y = ({ agreement }: TunedSetting): string =>
    (height - edge - (agreement.largestShift / furthest) * (height - 2 * edge)).toFixed(1);
  const front = settings.filter(({ pareto }) => pareto).sort((a, b) => a.picturesPerSecond - b.picturesPerSecond);
  const dots = settings.map(
    (setting) =>
      `<circle class="dot" r="4" cx="${x(setting)}" cy="${y(setting)}"><title>${escapeText(settingText(setting))}</title></circle>`,
  );
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Largest shift of a score over pictures a second"><line class="axis" x1="${edge}" x2="${width - edge}" y1="${height - edge}" y2="${height - edge}"/><polyline class="line" points="${front.map((setting) => `${x(setting)},${y(setting)}`).join(' ')}"/>${dots.join('')}<text x="${width - edge}" y="${height - 6}" text-anchor="end">${fastest.toFixed(0)} pictures/s</text><text x="${edge}" y="12">shift ${furthest.toFixed(4)}</text></svg>`;
}
