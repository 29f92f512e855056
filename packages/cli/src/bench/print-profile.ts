import { printReport } from '../classify/print-report.ts';
import { type Column, renderTable } from '../ui/table.ts';
import type { OperatorTotal, Profile } from './profile-report.ts';

const shownNodes = 5;
const right = 'right' as const;

/** A profile for people. */
export function printProfile(profile: Profile): string {
  const { machine, model, engine, timings, cpuMsPerPicture, tuning, roof, operators, totals } = profile;
  const { nodes, batch } = operators;
  const all = nodes.reduce((sum, { ms }) => sum + ms, 0);
  const least = nodes.reduce((sum, { leastMs }) => sum + leastMs, 0);
  const slowest = nodes.toSorted((a, b) => b.ms - a.ms).slice(0, shownNodes);
  return [
    `${machine.cores} cores of ${machine.processor}, Node ${machine.node}, ${model.name}@${model.version} (${model.variant}), ${engine.name} ${engine.version}\n`,
    printReport(timings, tuning),
    `${cpuMsPerPicture.toFixed(1)} ms of processor time a picture\n\n`,
    `This machine's roof with ${roof.threads} threads: ${giga(roof.float32PerSecond)} GFLOP/s in float32, ${giga(roof.int8PerSecond)} GOP/s in int8, ${giga(roof.cacheBytesPerSecond)} GB/s in the cache, ${giga(roof.memoryBytesPerSecond)} GB/s of memory\n\n`,
    renderTable(totalColumns, totals.map(totalRow)),
    `\nThe slowest nodes of a batch of ${batch}\n`,
    renderTable(
      nodeColumns,
      slowest.map(({ node, operator, ms, leastMs }) => [node, operator, ms.toFixed(2), percent(leastMs / ms)]),
    ),
    `\nThe engine takes ${(all / batch).toFixed(2)} ms a picture in batches of ${batch}, of which this machine's roof explains ${(least / batch).toFixed(2)} ms: ${percent(least / all)}.\n`,
  ].join('');
}

const totalColumns: readonly Column[] = [
  { title: 'OPERATOR' },
  { title: 'NODES', align: right },
  { title: 'MS/PICTURE', align: right },
  { title: 'SHARE', align: right },
  { title: 'GFLOP/s', align: right },
  { title: 'GB/s', align: right },
  { title: 'OF THE ROOF', align: right },
];
const nodeColumns: readonly Column[] = [
  { title: 'NODE' },
  { title: 'OPERATOR' },
  { title: 'MS', align: right },
  { title: 'OF THE ROOF', align: right },
];

const totalRow = (total: OperatorTotal): string[] => [
  total.operator,
  String(total.nodes),
  total.msPerPicture.toFixed(3),
  percent(total.share),
  total.operationsPerSecond === undefined ? '' : giga(total.operationsPerSecond),
  giga(total.bytesPerSecond),
  percent(total.ofRoof),
];

const giga = (value: number): string => (value / 1e9).toFixed(1);
const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
