import { round } from '../fleet/figures.mjs';
import { ours } from './contestants.mjs';

const times = (value) => value.toFixed(2);
const rate = (value) => String(round(value, value < 10 ? 1 : 0));
const inRange = ({ median, least, most }, text) => `${text(median)} (${text(least)} to ${text(most)})`;

/** What was measured, as the tables of docs/benchmarks/peers.md. */
export function tables(report) {
  const { contestants, missing, stages, sets, machine } = report;
  const parts = [
    `Measured on ${report.measuredOn}: ${machine.cores} cores (${machine.cpu}), Node ${machine.node}, ${report.rounds} rounds of ${report.picturesARound} pictures of each`,
    `kind, medians; in brackets the least and the most of all rounds. The machine's load meanwhile was ${inRange(machine.load, (it) => it.toFixed(1))}.\n`,
  ];
  for (const [kind, title] of [
    ['files', 'Files, in a process that is running'],
    ['http', 'Requests over HTTP or gRPC'],
  ]) {
    const those = contestants.filter((each) => each.kind === kind);
    if (those.length === 0) continue;
    const perSet = sets.flatMap(({ name }) => [
      `${name}: pictures/s`,
      'times Rookery',
      'CPU ms a picture (times Rookery)',
    ]);
    parts.push(
      `### ${title}\n`,
      row(['', ...perSet, 'same first label']),
      row(['---', ...perSet.map(() => '---'), '---']),
      ...those.map((each) =>
        row([
          `**${each.name}**, ${each.what}`,
          ...sets.flatMap(({ name }) => {
            const { picturesPerSecond, timesRookery, cpuMs, cpuTimesRookery } = each.measured[name];
            return [
              rate(picturesPerSecond.median),
              Object.values(ours).includes(each.name) ? '1' : inRange(timesRookery, times),
              `${round(cpuMs.median)} (${times(cpuTimesRookery.median)})`,
            ];
          }),
          `${each.same} of ${each.compared}`,
        ]),
      ),
      '',
    );
  }
  for (const { name, twoPicturesMs } of contestants)
    if (twoPicturesMs)
      parts.push(`${name}: an execution of two pictures alone takes ${round(twoPicturesMs / 1000, 1)} s.\n`);
  if (missing.length > 0)
    parts.push('Not measured:\n', ...missing.map(({ name, reason }) => `- **${name}**: ${reason}`), '');
  parts.push(
    '### One picture in one thread, milliseconds\n',
    row(['decode and resize a photograph', ...Object.keys(stages.decode)]),
    row(['---', ...Object.keys(stages.decode).map(() => '---')]),
    row(['', ...Object.values(stages.decode).map((ms) => String(round(ms, 2)))]),
    '',
    row(['inference', ...Object.keys(stages.inference)]),
    row(['---', ...Object.keys(stages.inference).map(() => '---')]),
    row(['', ...Object.values(stages.inference).map((ms) => String(round(ms, 2)))]),
    '',
    `Versions: ${versionsOf(contestants)}.`,
  );
  return parts.join('\n');
}

const versionsOf = (contestants) =>
  Object.entries(Object.assign({}, ...contestants.map(({ versions }) => versions)))
    .map(([name, version]) => `${name} ${version}`)
    .sort()
    .join(', ');

const row = (cells) => `| ${cells.join(' | ')} |`;

/** Puts the tables between the marks of a page. */
export function withTables(page, text) {
  const [begin, end] = ['<!-- measured: -->', '<!-- :measured -->'];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no ${begin} ... ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`;
}
