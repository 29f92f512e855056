import { resolve } from 'node:path';
import {
  type CostLine,
  costOfPictures,
  defaultPrices,
  fargateSize,
  nameOf,
  type PriceFile,
  readPrices,
  type WorkerShape,
} from '@rookery/autoscale';
import { bytes, fraction, integer } from '../config/kinds.ts';
import type { CommandContext } from '../context.ts';
import { fileTrouble } from '../file-trouble.ts';
import { parseFlag } from '../produce/parse-flag.ts';
import { renderTable } from '../ui/table.ts';

export interface CostOptions {
  readonly pictures?: string;
  readonly rate?: string;
  readonly size?: string;
  readonly taskSize?: string;
  readonly worker: 'fargate' | 'fargate-spot' | 'gpu';
  readonly vcpu?: string;
  readonly memory?: string;
  readonly idle?: string;
  readonly queueKind: 'sqs' | 'redis';
  readonly prices?: string;
  readonly printPrices?: boolean;
  readonly json?: boolean;
}

/** `rookery cost`. */
export async function runCost(options: CostOptions, context: CommandContext): Promise<void> {
  const prices = await pricesOf(options.prices, context);
  if (options.printPrices) return context.stdout.write(`${JSON.stringify(prices, null, 2)}\n`);
  const pictures = parseFlag('--pictures', integer(1), options.pictures) ?? 1_000_000;
  const worker: WorkerShape =
    options.worker === 'gpu'
      ? { kind: 'gpu' }
      : {
          kind: options.worker,
          ...fargateSize(
            parseFlag('--vcpu', fraction(0.25, 16), options.vcpu) ?? 1,
            parseFlag('--memory', fraction(0.5, 120), options.memory),
          ),
        };
  const workload = {
    pictures,
    picturesPerSecond: parseFlag('--rate', fraction(0.01, 1e6), options.rate) ?? 60,
    pictureBytes: parseFlag('--size', bytes(1), options.size) ?? 16_000,
    picturesPerTask: parseFlag('--task-size', integer(1, 256), options.taskSize),
    idleShare: parseFlag('--idle', fraction(0, 0.99), options.idle),
    worker,
    queue: options.queueKind,
  };
  const report = costOfPictures(workload, prices);
  const perMillion = report.jobUsd / (pictures / 1e6);
  if (options.json)
    return context.stdout.write(`${JSON.stringify({ workload, ...report, perMillion, prices: prices.date })}\n`);
  const rows = (lines: readonly CostLine[]) => lines.map(({ what, usd, how }) => [what, dollars(usd), how]);
  const columns = [{ title: 'JOB' }, { title: 'USD', align: 'right' as const }, { title: 'HOW' }];
  await context.stdout.write(renderTable(columns, [...rows(report.job), ['in all', dollars(report.jobUsd), '']]));
  await context.stdout.write(
    `\n$${perMillion.toFixed(2)} per million pictures on ${nameOf(worker)}. Next floor: ${report.floor}.\n\n`,
  );
  await context.stdout.write(
    renderTable(
      [{ title: 'AS EVENTS, ON TOP' }, ...columns.slice(1)],
      [...rows(report.events), ['in all', dollars(report.eventsUsd), '']],
    ),
  );
  await context.stdout.write(`\nPrices of ${prices.region}, ${prices.date}. ${prices.note}\n`);
}

export async function pricesOf(file: string | undefined, { cwd }: CommandContext): Promise<PriceFile> {
  if (file === undefined) return defaultPrices;
  return readPrices(resolve(cwd, file)).catch((thrown: unknown) => {
    throw fileTrouble(thrown, `--prices ${file}`) ?? thrown;
  });
}

/** Small sums have more decimals, so that they can be told apart. */
export const dollars = (usd: number): string => (usd !== 0 && usd < 0.01 ? usd.toFixed(5) : usd.toFixed(2));
