import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { canonicalJson, type Pin, type ServingModel } from '@rookery/contracts';
import type { ClassifierTuning } from './classifier.ts';
import type { ClassifierLog, ClassifierOptions } from './classifier-options.ts';
import { largestBatch } from './engine/batches.ts';

/** What a classifier starts with, and what is still to be found out. */
export interface TuningPlan {
  readonly tuning: ClassifierTuning;
  readonly measure: { readonly threads: boolean; readonly batch: boolean };
  /** That may come out. */
  readonly largestBatch: number;
  /** Where a measurement is kept. */
  readonly file: string | undefined;
  /** Others compute beside it: what is measured then counts for an hour only. */
  readonly isBusy: boolean;
}

/** Good without any measurement: the processor's float32 gains nothing beyond eight pictures. */
const defaultBatch = 8;

const busyCountsForMs = 3_600_000;

export async function planTuning(model: ServingModel, pin: Pin, options: ClassifierOptions): Promise<TuningPlan> {
  const { threads, batch, tuning = 'cached', tuningCache } = options;
  const defaults = { threads: threads ?? availableParallelism(), batch: batch ?? defaultBatch };
  const settled = { threads: false, batch: false };
  const file = tuningCache && join(tuningCache, `${keyOf(pin)}.json`);
  const isBusy = (loadavg()[0] ?? 0) > availableParallelism() / 2;
  const plan = (chosen: { threads: number; batch: number }, source: ClassifierTuning['source']): TuningPlan => {
    const all = { threads: chosen.threads, batch: Math.max(chosen.batch, model.stableBatch), source };
    return { tuning: all, measure: settled, largestBatch: all.batch, file, isBusy };
  };
  if (threads !== undefined && batch !== undefined) return plan(defaults, 'explicit');
  if (tuning === 'never') return plan(defaults, 'default');
  const cached = file && (await readTuning(file));
  if (cached) return plan({ threads: threads ?? cached.threads, batch: batch ?? cached.batch }, 'cached');
  const untuned = plan(defaults, 'default');
  if (tuning === 'cached') return untuned;
  const measure = { threads: threads === undefined, batch: batch === undefined };
  return {
    ...untuned,
    measure,
    largestBatch: measure.batch ? Math.max(largestBatch, model.stableBatch) : untuned.largestBatch,
  };
}

/** Keeps what was measured. A cache that cannot be written costs the next start a second, nothing else. */
export async function rememberTuning(
  { file, measure, isBusy }: TuningPlan,
  { threads, batch }: ClassifierTuning,
  log: ClassifierLog | undefined,
): Promise<void> {
  // Half a measurement, made beside an explicit setting, says nothing about other settings.
  if (!file || !measure.threads || !measure.batch) return;
  try {
    await mkdir(join(file, '..'), { recursive: true });
    const temporary = `${file}.${process.pid}.tmp`;
    await writeFile(temporary, `${JSON.stringify({ threads, batch, ...(isBusy && { isBusy }) })}\n`);
    await rename(temporary, file);
  } catch (cause) {
    log?.warn({ err: cause, file }, 'the tuning could not be kept');
  }
}

/** One machine, one model, one engine. */
const keyOf = (pin: Pin): string => {
  const machine = { cpu: cpus()[0]?.model ?? process.arch, cores: availableParallelism() };
  return createHash('sha256').update(canonicalJson({ machine, pin })).digest('hex').slice(0, 32);
};

async function readTuning(file: string): Promise<{ threads: number; batch: number } | undefined> {
  try {
    const parsed: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    const { threads, batch, isBusy } = parsed as Record<string, unknown>;
    if (isBusy === true && Date.now() - (await stat(file)).mtimeMs > busyCountsForMs) return undefined;
    const whole = (value: unknown): value is number =>
      Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 1024;
    return whole(threads) && whole(batch) ? { threads, batch } : undefined;
  } catch {
    return undefined;
  }
}
