import { availableParallelism } from 'node:os';
import { asRookeryError, type ServingModel } from '@rookery/contracts';
import type { EngineName } from '@rookery/inference';
import type { TuneReport } from './tune-report.ts';
import type { Setting, SettingRun } from './tune-setting.ts';

const batches = [1, 4, 8, 16];
/** How often each setting is measured. */
export const passes = 3;

/** Every variant with every engine, and numbers of threads and batches that make a difference. */
export function settingsOf(
  names: readonly string[],
  engines: readonly EngineName[],
  models: ReadonlyMap<string, ServingModel>,
): Setting[] {
  const cores = availableParallelism();
  const threads = [...new Set([1, Math.max(1, cores >> 1), cores])];
  return names.flatMap((variant) =>
    engines.flatMap((engine) =>
      threads.flatMap((count) =>
        batches
          // Smaller ones are padded to it.
          .filter((batch) => batch >= (models.get(variant)?.stableBatch ?? 1))
          .map((batch) => ({ variant, engine, threads: count, batch })),
      ),
    ),
  );
}

/**
 * Each setting several times, in turn forwards and backwards, so that what else the machine does meets all of them. A variant that an engine
 * cannot run is left out, and why is kept.
 */
export async function measureAll(
  settings: readonly Setting[],
  run: (setting: Setting) => Promise<SettingRun>,
  signal: AbortSignal,
): Promise<{ readonly runs: Map<Setting, SettingRun[]>; readonly skipped: TuneReport['skipped'] }> {
  const runs = new Map<Setting, SettingRun[]>();
  const failed = new Map<string, string>();
  for (let pass = 0; pass < passes; pass += 1)
    for (const setting of pass % 2 === 0 ? settings : [...settings].reverse()) {
      const what = `${setting.variant} with ${setting.engine}`;
      if (failed.has(what)) continue;
      try {
        const done = await run(setting);
        runs.set(setting, [...(runs.get(setting) ?? []), done]);
      } catch (thrown) {
        signal.throwIfAborted();
        failed.set(what, asRookeryError(thrown).message);
        for (const other of settings) if (`${other.variant} with ${other.engine}` === what) runs.delete(other);
      }
    }
  return { runs, skipped: [...failed].map(([what, why]) => ({ what, why })) };
}
