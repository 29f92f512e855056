import { escapeText, htmlPage } from '@rookery/monitor';
import { sizeText } from '../commands/models-registry.ts';
import type { OptimizeReport } from './report.ts';
import { agreementText, gainText, percent } from './report-text.ts';

/** The report as a page that needs nothing else. */
export function optimizePage(report: OptimizeReport): string {
  const { model, title, from, to, machine } = report;
  const body = `<p>${escapeText(model)}: <code>${escapeText(to.variant)}</code> in version <code>${escapeText(to.version)}</code>, made of <code>${escapeText(from.variant)}</code> of version <code>${escapeText(from.version)}</code>.</p>
${table(['What', 'Before', 'After', ''], gains(report), 'Gains')}
<p><strong>In short:</strong> ${escapeText(gainText(report))}.</p>
<p><strong>Labels:</strong> ${escapeText(agreementText(report))}. None of them was used to change the model.</p>
<p class="muted">Best label still among the best five: ${percent(report.agreement.top5)}. Largest shift of any score: ${report.agreement.largestShift.toFixed(4)}. ${changedWith(report)} Measured with the engine alone, both in turn, on ${machine.cores} cores of ${escapeText(machine.processor)}, Node ${escapeText(machine.node)}.</p>
${flips(report)}
<h3>What was done</h3>
${facts(report)}
${layers(report)}`;
  return htmlPage(`${escapeText(model)}: ${escapeText(title)}`, body);
}

const changedWith = ({ calibration: { pictures, sources } }: OptimizeReport): string =>
  pictures === 0
    ? 'No pictures were needed to change it.'
    : `Changed with ${pictures} pictures, ${sources} of them different.`;

/** Of any length: lines, not cells. */
const facts = (report: OptimizeReport): string =>
  Object.entries(report.facts)
    .map(([name, value]) => `<p><strong>${escapeText(name)}:</strong> ${escapeText(String(value))}</p>`)
    .join('\n');

function gains({ size, pace }: OptimizeReport): string[][] {
  const times = (before: number, after: number): string => `${(before / after).toFixed(2)} times smaller`;
  return [
    ['Size', sizeText(size.referenceBytes), sizeText(size.bytes), times(size.referenceBytes, size.bytes)],
    [
      'Compressed',
      sizeText(size.referenceGzipBytes),
      sizeText(size.gzipBytes),
      times(size.referenceGzipBytes, size.gzipBytes),
    ],
    ...pace.map(({ batch, threads, referenceMs, ms, ratio, ratios: [low, high], rounds }) => [
      `Batch ${batch}, ${threads} threads`,
      `${referenceMs.toFixed(2)} ms a picture`,
      `${ms.toFixed(2)} ms`,
      `${ratio.toFixed(2)} times as fast (median of ${rounds} rounds, half of them ${low.toFixed(2)} to ${high.toFixed(2)})`,
    ]),
  ];
}

function flips({ agreement }: OptimizeReport): string {
  if (agreement.flips.length === 0) return '';
  const rows = agreement.flips.map(({ picture, from, to, before, after }) => [
    picture,
    `${from} ${before[0].toFixed(3)}`,
    `${to} ${after[1].toFixed(3)}`,
    `${from} ${after[0].toFixed(3)}`,
  ]);
  return `<h3>Pictures whose label changed</h3>${table(['Picture', 'Before', 'After', 'What was best before, now'], rows, 'Flips')}`;
}

/** From here on a difference is below what a score of six decimals shows; the bars end there. */
const mostDecibels = 60;

function layers(report: OptimizeReport): string {
  const measured = report.layers.filter(({ decibels }) => decibels !== null);
  if (measured.length === 0) return '';
  const rows = measured.map(({ layer, operator, decibels }) => {
    const width = Math.max(0, Math.min(100, ((decibels ?? 0) / mostDecibels) * 100));
    return `<tr><th scope="row">${escapeText(layer)}</th><td>${escapeText(operator)}</td><td>${decibels?.toFixed(1)}</td><td class="bar"><span style="width:${width.toFixed(1)}%"></span></td></tr>`;
  });
  return `<h3>Layer by layer</h3><p class="muted">Signal to noise of each layer's result, with all that went before it, in decibels: 20 is a tenth, 40 a hundredth.</p>
<div class="wide" tabindex="0" role="region" aria-label="Layers"><table><thead><tr><th>Layer</th><th>Operator</th><th>dB</th><th></th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function table(titles: readonly string[], rows: readonly (readonly string[])[], label: string): string {
  const head = titles.some((title) => title !== '')
    ? `<thead><tr>${titles.map((title) => `<th>${escapeText(title)}</th>`).join('')}</tr></thead>`
    : '';
  const body = rows.map(
    ([first = '', ...others]) =>
      `<tr><th scope="row">${escapeText(first)}</th>${others.map((cell) => `<td>${escapeText(cell)}</td>`).join('')}</tr>`,
  );
  return `<div class="wide" tabindex="0" role="region" aria-label="${escapeText(label)}"><table>${head}<tbody>${body.join('')}</tbody></table></div>`;
}
