import { measureNames } from '../compare.ts';
import type { EvaluationReport } from '../feedback/evaluation.ts';
import { axes, axisNames } from '../sketch/axes.ts';
import { indexOf, titles } from './build-report.ts';
import { htmlPage } from './page.ts';
import { type MonitorReport, stateText, verdictOf } from './report.ts';
import { escapeText, histogramSvg, reliabilitySvg, seriesSvg, short } from './svg.ts';

const shownClasses = 20;
const percent = (share: number | null): string => (share === null ? '–' : `${(share * 100).toFixed(1)} %`);
const count = (value: number): string => value.toLocaleString('en-US');
const moment = (at: string): string => `${at.slice(0, 16).replace('T', ' ')} UTC`;

/** One page for all of them. */
export function htmlReport(reports: readonly MonitorReport[]): string {
  const body = reports.length === 0 ? '<p>No window was written in this time.</p>' : reports.map(section).join('\n');
  return htmlPage('The model in use', body);
}

function section(report: MonitorReport): string {
  const { name, job, window, reference, measures, slices, feedback } = report;
  const verdict = verdictOf(report);
  const about = job === null ? 'What the fleet answered' : `Job ${escapeText(job)}`;
  const period = window.pictures === 0 ? '' : `, ${moment(window.from)} to ${moment(window.to)}`;
  const against =
    reference === null
      ? 'This version has no reference window: <code>rookery monitor baseline</code> keeps one.'
      : `Reference: ${count(reference.window.pictures)} pictures${reference.job === null ? '' : ` of job ${escapeText(reference.job)}`}, kept ${moment(reference.createdAt)}.`;
  return `<section><h2>${escapeText(name)} <span class="chip ${verdict}">${verdict}</span></h2>
<p>${about}: ${count(window.pictures)} pictures, ${count(window.failed)} without labels${period}. ${against}</p>
${alarms(report)}${measures.length > 0 ? measureTable(report) : ''}
<div class="plots">${axisNames.map((axis) => plot(titles[axis], histogramSvg(axes[axis], window.histograms[axis], reference?.window.histograms[axis]), window.histograms[axis])).join('')}${slices.length > 1 ? seriesPlots(report) : ''}</div>
${classTable(report)}${feedback ? feedbackSection(feedback) : ''}</section>`;
}

const plot = (title: string, svg: string, counts?: readonly number[]): string => {
  const pictures = counts?.reduce((sum, one) => sum + one, 0);
  const more = pictures === undefined ? '' : pictures === 0 ? ' · not measured' : ` · ${count(pictures)} pictures`;
  return `<figure><figcaption>${escapeText(title)}<span class="muted">${more}</span></figcaption>${svg}</figure>`;
};

const alarms = ({ alarmed }: MonitorReport): string =>
  alarmed.length === 0
    ? ''
    : `<p class="alarm"><strong>Drift:</strong> ${alarmed.map(({ measure, since }) => `${titles[measure]} (since ${moment(since)})`).join(', ')}.</p>`;

function measureTable({ measures, rules }: MonitorReport): string {
  const rows = measures.map(
    (measure) =>
      `<tr><th scope="row">${titles[measure.name]}</th><td>${count(measure.reference)}</td><td>${count(measure.window)}</td><td>${measure.psi.toFixed(3)}</td><td>${measure.psiNoise.toFixed(3)}</td><td>${measure.distance.toFixed(3)}</td><td>${measure.test === 'ks' ? 'KS' : 'G'} ${short(measure.statistic)}</td><td>${measure.adjustedP < 1e-4 ? '&lt; 0.0001' : measure.adjustedP.toFixed(4)}</td><td><span class="chip ${measure.state}">${stateText(measure)}</span></td></tr>`,
  );
  return `<div class="wide" tabindex="0" role="region" aria-label="Measures"><table><thead><tr><th>Measure</th><th>Reference</th><th>Window</th><th>PSI</th><th>by chance</th><th>JS distance</th><th>Test</th><th>p (Holm)</th><th>State</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>
<p class="muted">Off: PSI less chance at least ${rules.raise} and p below ${rules.alpha}. An alarm takes ${rules.raiseAfter} slices of ${rules.slice} pictures in a row, its end ${rules.clearAfter} below ${rules.clear}; a job is one piece.</p>
<p class="muted">Below: bars are what was answered, the line is the reference.</p>`;
}

function seriesPlots({ slices, rules }: MonitorReport): string {
  return measureNames
    .map((name) => {
      const values = slices.map(({ measures }) => {
        const measure = measures.find((one) => one.name === name);
        return measure && measure.state !== 'few' ? indexOf(measure) : null;
      });
      if (values.every((value) => value === null)) return '';
      return plot(
        `${titles[name]}: PSI over time`,
        seriesSvg(`${titles[name]}: stability index over time`, values, rules),
      );
    })
    .join('');
}

function classTable({ window, reference }: MonitorReport): string {
  const total = (classes: Readonly<Record<string, number>>): number =>
    Math.max(
      1,
      Object.values(classes).reduce((sum, one) => sum + one, 0),
    );
  const [n, m] = [total(window.classes), reference ? total(reference.window.classes) : 1];
  const rows = Object.entries(window.classes)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, shownClasses)
    .map(
      ([label, pictures]) =>
        `<tr><th scope="row">${escapeText(label)}</th><td>${count(pictures)}</td><td>${percent(pictures / n)}</td><td>${reference ? percent((reference.window.classes[label] ?? 0) / m) : '–'}</td><td class="bar"><span style="width:${((pictures / n) * 100).toFixed(1)}%"></span></td></tr>`,
    );
  if (rows.length === 0) return '';
  return `<h3>Classes</h3><div class="wide" tabindex="0" role="region" aria-label="Classes"><table><thead><tr><th>Label</th><th>Pictures</th><th>Share</th><th>Reference</th><th></th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function feedbackSection(feedback: EvaluationReport): string {
  const { count: pictures, correct, accuracy, interval, ece, calibration, confusion, days } = feedback;
  const range = interval ? ` (95 %: ${percent(interval[0])} to ${percent(interval[1])})` : '';
  const bins = calibration.map(
    (bin) =>
      `<tr><th scope="row">${bin.from.toFixed(1)} to ${bin.to.toFixed(1)}</th><td>${count(bin.count)}</td><td>${percent(bin.confidence)}</td><td>${percent(bin.accuracy)}</td></tr>`,
  );
  const pairs = confusion
    .slice(0, shownClasses)
    .map(
      (pair) =>
        `<tr><td>${escapeText(pair.truth)}</td><td class="text">${escapeText(pair.answer)}</td><td>${count(pair.count)}</td></tr>`,
    );
  const dayRows = days.map(
    (day) =>
      `<tr><th scope="row">${day.day}</th><td>${count(day.count)}</td><td>${percent(day.accuracy)}</td><td>${day.interval ? `${percent(day.interval[0])} to ${percent(day.interval[1])}` : '–'}</td></tr>`,
  );
  const left = `${count(feedback.missing)} without a line, ${count(feedback.changed)} of another state of the picture, ${count(feedback.failed)} without labels: not counted.`;
  return `<h3>True labels</h3><p>${count(correct)} of ${count(pictures)} right: ${percent(accuracy)}${range}. Expected calibration error ${ece === null ? '–' : ece.toFixed(4)} over ${calibration.length} bins. ${left}</p>
<div class="plots">${plot('Reliability', reliabilitySvg(calibration))}</div>
<div class="tables"><div class="wide" tabindex="0" role="region" aria-label="Calibration"><table><thead><tr><th>Confidence</th><th>Pictures</th><th>mean</th><th>right</th></tr></thead><tbody>${bins.join('')}</tbody></table></div>
<div class="wide" tabindex="0" role="region" aria-label="Accuracy by day"><table><thead><tr><th>Day</th><th>Pictures</th><th>right</th><th>95 %</th></tr></thead><tbody>${dayRows.join('')}</tbody></table></div>
${pairs.length > 0 ? `<div class="wide" tabindex="0" role="region" aria-label="Confusion"><table><thead><tr><th>It was</th><th class="text">taken for</th><th>Pictures</th></tr></thead><tbody>${pairs.join('')}</tbody></table></div>` : ''}</div>`;
}
