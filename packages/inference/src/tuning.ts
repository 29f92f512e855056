import { availableParallelism, loadavg } from 'node:os';
import type { Pin, ServingModel } from '@rookery/contracts';
import type { ClassifierTuning } from './classifier.ts';
import type { ClassifierLog, ClassifierOptions } from './classifier-options.ts';
import { defaultBatch, largestBatch } from './engine/batches.ts';
import { keepMeasured, measuredFile, readMeasured } from './measured-file.ts';

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

const busyCountsForMs = 3_600_000;

export async function planTuning(model: ServingModel, pin: Pin, options: ClassifierOptions): Promise<TuningPlan> {
  const { threads, batch, tuning = 'cached', tuningCache } = options;
  const defaults = { threads: threads ?? availableParallelism(), batch: batch ?? defaultBatch };
  const settled = { threads: false, batch: false };
  const file = tuningCache && measuredFile(tuningCache, { pin });
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

/** Keeps what was measured. */
export async function rememberTuning(
  { file, measure, isBusy }: TuningPlan,
  { threads, batch }: ClassifierTuning,
  log: ClassifierLog | undefined,
): Promise<void> {
  // Half a measurement, made beside an explicit setting, says nothing about other settings.
  if (!file || !measure.threads || !measure.batch) return;
  await keepMeasured(file, { threads, batch, ...(isBusy && { isBusy }) }, { what: 'the tuning', log });
}

async function readTuning(file: string): Promise<{ threads: number; batch: number } | undefined> {
  const kept = await readMeasured(file);
  if (!kept || (kept.value.isBusy === true && kept.ageMs > busyCountsForMs)) return undefined;
  const { threads, batch } = kept.value;
  const whole = (value: unknown): value is number =>
    Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 1024;
  return whole(threads) && whole(batch) ? { threads, batch } : undefined;
}
