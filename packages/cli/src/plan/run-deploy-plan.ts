import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  type CostLine,
  type Deployment,
  deploymentOf,
  nameOf,
  type PresetName,
  planDeployment,
  workerShapeOf,
} from '@rookery/autoscale';
import { RookeryError, withoutMark } from '@rookery/contracts';
import { bytes, fraction } from '../config/kinds.ts';
import type { CommandContext } from '../context.ts';
import { fileTrouble } from '../file-trouble.ts';
import { parseFlag } from '../produce/parse-flag.ts';
import { renderTable } from '../ui/table.ts';
import { dollars, pricesOf } from './run-cost.ts';

export interface DeployPlanOptions {
  readonly file?: string;
  readonly preset?: PresetName;
  readonly rate?: string;
  readonly size?: string;
  readonly prices?: string;
  readonly json?: boolean;
}

const notInIt =
  'Not in it: Container Insights, logs, what is stored, bytes through endpoints and out, addresses of a public balancer.';
const usualFile = 'infra/rookery.deploy.json';

/** `rookery deploy plan`. */
export async function runDeployPlan(options: DeployPlanOptions, context: CommandContext): Promise<void> {
  const prices = await pricesOf(options.prices, context);
  const deployment = await read(options, context.cwd);
  const rate = parseFlag('--rate', fraction(0.01, 1e6), options.rate) ?? 60;
  const pictureBytes = parseFlag('--size', bytes(1), options.size) ?? 16_000;
  const plan = planDeployment(deployment, { prices, picturesPerSecond: rate, pictureBytes });
  if (options.json) {
    await context.stdout.write(`${JSON.stringify({ deployment, ...plan, prices: prices.date })}\n`);
    return;
  }
  const { name, region, preset, scaling } = deployment;
  await context.stdout.write(
    `${name} in ${region}, preset ${preset}: ${nameOf(workerShapeOf(deployment))} a worker\n\n`,
  );
  await context.stdout.write(
    renderTable(
      [{ title: 'KIND' }, { title: 'COUNT', align: 'right' }, { title: 'WHAT' }],
      plan.resources.map(({ type, count, what }) => [type.replace('AWS::', ''), String(count), what]),
    ),
  );
  const hours = plan.busyHour.map(({ what, usd, how }: CostLine, at) => [
    what,
    dollars(plan.idleHour[at]?.usd ?? 0),
    dollars(usd),
    how,
  ]);
  await context.stdout.write('\n');
  await context.stdout.write(
    renderTable(
      [
        { title: 'AN HOUR, USD' },
        { title: `${scaling.minWorkers} WORKERS`, align: 'right' },
        { title: `${scaling.maxWorkers} WORKERS`, align: 'right' },
        { title: 'HOW' },
      ],
      [...hours, ['in all', dollars(plan.idleHourUsd), dollars(plan.busyHourUsd), '']],
    ),
  );
  await context.stdout.write(
    `\nOn top, a million pictures of a job at ${rate} pictures/s a worker: $${plan.millionUsd.toFixed(2)} (rookery cost has the lines).\n${notInIt}\nPrices of ${prices.region}, ${prices.date}. ${prices.note}\n`,
  );
}

async function read({ file, preset }: DeployPlanOptions, cwd: string): Promise<Deployment> {
  const name = file ?? usualFile;
  const text = await readFile(resolve(cwd, name), 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    if (file === undefined && thrown.code === 'ENOENT') return '{}';
    throw fileTrouble(thrown, name) ?? thrown;
  });
  try {
    return deploymentOf(JSON.parse(withoutMark(text)), preset);
  } catch (cause) {
    const why = cause instanceof RookeryError ? cause.detail : (cause as Error).message;
    throw new RookeryError('CONFIG_INVALID', { detail: `${name}: ${why}`, cause });
  }
}
