import type { Agreement } from '@rookery/optimizer';
import { sizeText } from '../commands/models-registry.ts';
import type { OptimizeReport } from './report.ts';

/** With fewer sources than this a share says little: the counts are shown instead. */
export const fewestForShares = 300;

/** The report in a few lines. */
export function optimizeText(report: OptimizeReport): string {
  const { size, pace, agreement } = report;
  const lines = [
    ...Object.entries(report.facts).map(([name, value]) => [name, String(value)]),
    [
      'size',
      `${sizeText(size.bytes)}, was ${sizeText(size.referenceBytes)} (compressed ${sizeText(size.gzipBytes)}, was ${sizeText(size.referenceGzipBytes)})`,
    ],
    ...pace.map(({ batch, threads, ratio, ratios: [low, high], ms, referenceMs }) => [
      `speed, batch ${batch}`,
      `${ratio.toFixed(2)} times (half of the rounds ${low.toFixed(2)} to ${high.toFixed(2)}): ${ms.toFixed(2)} ms a picture, was ${referenceMs.toFixed(2)} (${threads} threads, engine alone)`,
    ]),
    ['in short', gainText(report)],
    ['labels', agreementText(report)],
    [
      'largest shift',
      `${agreement.largestShift.toFixed(4)} of any score; best label among the best five: ${percent(agreement.top5)}`,
    ],
    ...agreement.flips.slice(0, 5).map(({ picture, from, to }) => ['flipped', `${picture}: ${from} -> ${to}`]),
  ];
  const width = Math.max(...lines.map(([name = '']) => name.length));
  return lines.map(([name = '', value]) => `  ${name.padEnd(width)}  ${value}\n`).join('');
}

/** Less is not worth a word. */
const leastGain = 1.05;

/** What was gained, or that nothing was. */
export function gainText({ size, pace }: Pick<OptimizeReport, 'size' | 'pace'>): string {
  // Where other work disturbs the clock the rounds disagree: then nothing is claimed.
  const sure = pace.filter(({ ratios: [low] }) => low > 1);
  const ratio = Math.max(0, ...sure.map((each) => each.ratio));
  const faster =
    ratio < leastGain ? 'not faster on this machine' : `up to ${ratio.toFixed(2)} times as fast on this machine`;
  const times = [size.referenceBytes / size.bytes, size.referenceGzipBytes / size.gzipBytes];
  const [plain, compressed] = times.map((each) => (each < leastGain ? undefined : `${each.toFixed(2)} times smaller`));
  return `${faster}, ${plain ?? (compressed ? `${compressed} when compressed` : 'not smaller')}`;
}

/** How many kept their label, of how many different pictures, and how sure that is. */
export function agreementText({ agreement }: OptimizeReport): string {
  const { sources, pictures, stable, interval, flips } = agreement;
  const views = pictures === sources ? '' : `, ${pictures} pictures of them`;
  if (flips.length === 0 && sources < fewestForShares) return `no flips seen in ${sources} different pictures${views}`;
  const range = interval ? ` (95 %: ${percent(interval[0])} to ${percent(interval[1])})` : '';
  return `${percent(stable)} of ${sources} different pictures kept theirs${range}${views}`;
}

/** The same in a few words, for a column. */
export function keptText({ sources, stable, interval }: Pick<Agreement, 'sources' | 'stable' | 'interval'>): string {
  if (stable === 1 && sources < fewestForShares) return `no flips in ${sources}`;
  return interval ? `${percent(stable)} (${percent(interval[0])} to ${percent(interval[1])})` : percent(stable);
}

export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
