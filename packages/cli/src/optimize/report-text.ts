import { sizeText } from '../commands/models-registry.ts';
import type { OptimizeReport } from './report.ts';

/** Below so many sources a share says little: what was seen is said instead. */
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
    ...pace.map(({ batch, threads, ratio, ms, referenceMs }) => [
      `speed, batch ${batch}`,
      `${ratio.toFixed(2)} times: ${ms.toFixed(2)} ms a picture, was ${referenceMs.toFixed(2)} (${threads} threads, engine alone)`,
    ]),
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

/** How many kept their label, of how many different pictures, and how sure that is. */
export function agreementText({ agreement }: OptimizeReport): string {
  const { sources, pictures, stable, interval, flips } = agreement;
  const views = pictures === sources ? '' : `, ${pictures} pictures of them`;
  if (flips.length === 0 && sources < fewestForShares) return `no flips seen in ${sources} different pictures${views}`;
  const range = interval ? ` (95 %: ${percent(interval[0])} to ${percent(interval[1])})` : '';
  return `${percent(stable)} of ${sources} different pictures kept theirs${range}${views}`;
}

export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
