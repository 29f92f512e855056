import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  arrivalsOf,
  type PresetName,
  plotSimulation,
  ScalingConfig,
  type SimulationResult,
  scalingPresets,
  simulate,
  traceNames,
  type WorkerShape,
  workerHourUsd,
} from '@rookery/autoscale';
import { RookeryError } from '@rookery/contracts';
import { duration, fraction, integer } from '../config/kinds.ts';
import type { CommandContext } from '../context.ts';
import { parseFlag } from '../produce/parse-flag.ts';
import { renderTable } from '../ui/table.ts';
import { dollars, pricesOf } from './run-cost.ts';

export interface SimulateOptions {
  readonly trace: string;
  readonly preset: PresetName;
  readonly min?: string;
  readonly max?: string;
  readonly backlog?: string;
  readonly rate?: string;
  readonly taskSize?: string;
  readonly startup?: string;
  readonly delay?: string;
  readonly seed?: string;
  readonly plot?: string;
  readonly prices?: string;
  readonly json?: boolean;
}

const dayMs = 86_400_000;

const shapes: Readonly<Record<PresetName, WorkerShape>> = {
  small: { kind: 'fargate', vcpu: 1, memoryGb: 2 },
  spot: { kind: 'fargate-spot', vcpu: 1, memoryGb: 2 },
  gpu: { kind: 'gpu' },
};

/** `rookery simulate`. */
export async function runSimulate(options: SimulateOptions, context: CommandContext): Promise<void> {
  const prices = await pricesOf(options.prices, context);
  const config = scalingOf(options);
  const result = simulate({
    config,
    arrivals: await arrivals(options.trace, context.cwd),
    picturesPerSecond: parseFlag('--rate', fraction(0.01, 1e6), options.rate) ?? 60,
    picturesPerTask: parseFlag('--task-size', integer(1, 256), options.taskSize),
    startupMs: parseFlag('--startup', duration(0, dayMs), options.startup),
    metricDelayMs: parseFlag('--delay', duration(0, dayMs), options.delay),
    seed: parseFlag('--seed', integer(0), options.seed),
  });
  const usd = (result.workerMs / 3_600_000) * workerHourUsd(shapes[options.preset], prices);
  if (options.plot)
    await writeFile(resolve(context.cwd, options.plot), plotSimulation(result, `${options.trace}, ${options.preset}`));
  if (options.json) return context.stdout.write(`${JSON.stringify({ config, ...result, usd })}\n`);
  await context.stdout.write(renderTable([{ title: 'WHAT' }, { title: 'VALUE', align: 'right' }], rowsOf(result, usd)));
}

function rowsOf(result: SimulationResult, usd: number): string[][] {
  const { pictures, tasks, completionMs, waitMs, mostWorkers, starts, workerMs, idleShare } = result;
  return [
    ['pictures', pictures.toLocaleString('en-US')],
    ['tasks', tasks.toLocaleString('en-US')],
    ['from the first arrival to the last result', time(completionMs)],
    ["a task's wait, median", time(waitMs.p50)],
    ["a task's wait, 95th percentile", time(waitMs.p95)],
    ["a task's wait, 99th percentile", time(waitMs.p99)],
    ['workers at most', String(mostWorkers)],
    ['workers started', String(starts)],
    ['worker hours', (workerMs / 3_600_000).toFixed(2)],
    ['of which nothing was computed', `${Math.round(idleShare * 100)} %`],
    ['compute, USD', dollars(usd)],
  ];
}

const time = (ms: number): string =>
  ms < 120_000
    ? `${(ms / 1000).toFixed(1)} s`
    : ms < 7_200_000
      ? `${(ms / 60_000).toFixed(1)} min`
      : `${(ms / 3_600_000).toFixed(1)} h`;

function scalingOf({ preset, min, max, backlog }: SimulateOptions): ScalingConfig {
  const set = {
    minWorkers: parseFlag('--min', integer(0, 10_000), min),
    maxWorkers: parseFlag('--max', integer(1, 10_000), max),
    backlogPerWorker: parseFlag('--backlog', fraction(0.01, 100_000), backlog),
  };
  const given = Object.fromEntries(Object.entries(set).filter(([, value]) => value !== undefined));
  const parsed = ScalingConfig.safeParse({ ...scalingPresets[preset], ...given });
  if (parsed.success) return parsed.data;
  throw new RookeryError('USAGE', { detail: parsed.error.issues[0]?.message ?? 'the policy cannot be' });
}

async function arrivals(trace: string, cwd: string) {
  const named = traceNames.find((name) => name === trace);
  if (named) return arrivalsOf(named);
  const lines = await readFile(resolve(cwd, trace), 'utf8').catch((cause: unknown) => {
    throw new RookeryError('USAGE', {
      detail: `--trace: ${trace} is none of ${traceNames.join(', ')}, and no file`,
      cause,
    });
  });
  return arrivalsOf({ lines });
}
