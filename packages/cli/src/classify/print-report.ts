import { renderTable } from '../ui/table.ts';
import type { Timings } from './stage-report.ts';

const names: Readonly<Record<string, string>> = {
  read: 'read',
  decode: 'decode',
  wait: 'wait',
  infer: 'infer',
  topK: 'top-k',
};

/** `--report`: a table of the stages, the throughput, and the bottleneck in words. */
export function printReport(timings: Timings, tuning: { readonly threads: number; readonly batch: number }): string {
  const rows = Object.entries(timings.stages).map(([stage, { p50Ms, p95Ms, share }]) => [
    names[stage] ?? stage,
    p50Ms.toFixed(1),
    p95Ms.toFixed(1),
    share === null ? '' : percent(share),
  ]);
  const right = 'right' as const;
  const columns = [
    { title: 'STAGE' },
    { title: 'P50 ms', align: right },
    { title: 'P95 ms', align: right },
    { title: 'SHARE', align: right },
  ];
  const seconds = (timings.totalMs / 1000).toFixed(2);
  return [
    '\n',
    rows.length > 0 ? renderTable(columns, rows) : '',
    `${counted(timings.pictures + timings.failed)} in ${seconds} s: ${timings.picturesPerSecond.toFixed(1)} pictures/s, model ready after `,
    `${timings.loadMs.toFixed(0)} ms, ${tuning.threads} engine threads, batches of up to ${tuning.batch}\n`,
    `${bottleneck(timings)}\n`,
  ].join('');
}

/** What most of the time is spent on, and what to do about it. */
export function bottleneck({ stages, loadMs, totalMs }: Timings): string {
  const { read, decode, infer } = stages;
  if (!read || !decode || !infer) return 'Nothing was labelled.';
  if (loadMs > totalMs / 2) {
    return `Bottleneck: starting. The model was ready after ${percent(loadMs / totalMs)} of the time; more pictures in one command, or a worker, pay it once.`;
  }
  const [most, share] = (
    [
      ['read', read.share ?? 0],
      ['decode', decode.share ?? 0],
      ['infer', infer.share ?? 0],
    ] as const
  ).reduce((a, b) => (b[1] > a[1] ? b : a));
  switch (most) {
    case 'read':
      return `Bottleneck: reading, ${percent(share)} of the work. The disk or the network is slower than the classifier.`;
    case 'decode':
      return `Bottleneck: decoding, ${percent(share)} of the work. Smaller pictures or more cores make it faster; a faster model does not.`;
    case 'infer':
      return `Bottleneck: the model, ${percent(share)} of the work. A smaller or quantised variant or more cores make it faster.`;
  }
}

const counted = (count: number): string => `${count} ${count === 1 ? 'picture' : 'pictures'}`;
const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
