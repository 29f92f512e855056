import { type MonitorReport, stateText, titles, verdictOf } from '@rookery/monitor';
import type { colours } from '../ui/colours.ts';
import { renderTable } from '../ui/table.ts';

const shownPairs = 5;
const percent = (share: number | null): string => (share === null ? '–' : `${(share * 100).toFixed(1)} %`);
const moment = (at: string): string => at.slice(0, 16).replace('T', ' ');

/** A report for a terminal. */
export function reportText(report: MonitorReport, paint: ReturnType<typeof colours>): string {
  const { name, job, window, reference, measures, alarmed } = report;
  const verdict = verdictOf(report);
  const shown = verdict === 'drifting' ? paint.red(verdict) : verdict === 'stable' ? paint.green(verdict) : verdict;
  const period = window.pictures === 0 ? '' : `, ${moment(window.from)} to ${moment(window.to)} UTC`;
  const lines = [
    `${name}  ${shown}`,
    `  ${job === null ? 'the fleet' : `job ${job}`}: ${window.pictures} pictures, ${window.failed} without labels${period}`,
    reference === null
      ? `  no reference window: ${howToKeepOne(report)}`
      : `  reference: ${reference.window.pictures} pictures${reference.job === null ? '' : ` of job ${reference.job}`}, kept ${moment(reference.createdAt)} UTC`,
    ...alarmed.map(({ measure, since }) => `  ${paint.red('drift')}: ${titles[measure]}, since ${moment(since)} UTC`),
  ];
  const rows = measures.map((measure) => [
    `  ${titles[measure.name]}`,
    String(measure.reference),
    String(measure.window),
    measure.psi.toFixed(3),
    measure.psiNoise.toFixed(3),
    measure.distance.toFixed(3),
    measure.test === 'ks' ? 'KS' : 'G',
    measure.adjustedP < 1e-4 ? '<0.0001' : measure.adjustedP.toFixed(4),
    measure.state === 'off'
      ? paint.red('off')
      : measure.state === 'few'
        ? paint.dim(stateText(measure))
        : stateText(measure),
  ]);
  const table = rows.length === 0 ? '' : `\n${renderTable(columns, rows)}`;
  return `${lines.join('\n')}\n${table}${truth(report)}`;
}

const howToKeepOne = ({ name, job, window, rules }: MonitorReport): string =>
  window.pictures - window.failed < rules.least
    ? `it takes at least ${rules.least} labelled pictures`
    : `\`rookery monitor baseline ${name} ${job === null ? '--since 24h' : `--job ${job}`}\` keeps this as one`;

const columns = [
  { title: '  MEASURE' },
  { title: 'REFERENCE', align: 'right' },
  { title: 'WINDOW', align: 'right' },
  { title: 'PSI', align: 'right' },
  { title: 'BY CHANCE', align: 'right' },
  { title: 'JS', align: 'right' },
  { title: 'TEST' },
  { title: 'P (HOLM)', align: 'right' },
  { title: 'STATE' },
] as const;

function truth({ feedback }: MonitorReport): string {
  if (!feedback) return '';
  const { count, correct, accuracy, interval, ece, calibration, confusion, days, missing, changed, failed } = feedback;
  const range = interval ? ` (95 %: ${percent(interval[0])} to ${percent(interval[1])})` : '';
  const lines = [
    `true labels: ${correct} of ${count} right, ${percent(accuracy)}${range}; calibration error ${ece === null ? '–' : ece.toFixed(4)} over ${calibration.length} bins`,
    `not counted: ${missing} without a line, ${changed} of another state of the picture, ${failed} without labels`,
    ...days.map((day) => `${day.day}  ${percent(day.accuracy)} of ${day.count}`),
    ...confusion.slice(0, shownPairs).map((pair) => `${pair.truth} taken for ${pair.answer}: ${pair.count}`),
  ];
  return `\n${lines.map((line) => `  ${line}\n`).join('')}`;
}
