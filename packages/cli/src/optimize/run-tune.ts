import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { RookeryError, type ServingModel } from '@rookery/contracts';
import { type EngineName, findInstalled } from '@rookery/inference';
import { distinctSources } from '@rookery/optimizer';
import { openNamed, printJson } from '../commands/models-registry.ts';
import type { RegistryOptions } from '../commands/registry-options.ts';
import { fraction, integer } from '../config/kinds.ts';
import type { CommandContext } from '../context.ts';
import { picturePaths } from '../demo/pictures.ts';
import { parseFlag } from '../produce/parse-flag.ts';
import { renderTable } from '../ui/table.ts';
import { rankSettings } from './rank-settings.ts';
import { readPictures } from './read-pictures.ts';
import { reportFolder } from './report-folder.ts';
import { teller } from './teller.ts';
import { settingText, type TuneReport, tunePage, tuneRow, tuneTitles } from './tune-report.ts';
import { runSetting } from './tune-setting.ts';
import { measureAll, passes, settingsOf } from './tune-settings.ts';

export interface TuneOptions extends RegistryOptions {
  readonly check?: readonly string[];
  readonly recursive?: boolean;
  readonly agreement?: string;
  readonly seconds?: string;
  readonly report?: string;
  readonly json?: boolean;
}

/** `rookery optimize tune`: every variant, engine, number of threads and batch of this machine, within an agreement. */
export async function runTune(text: string, options: TuneOptions, context: CommandContext): Promise<void> {
  const wanted = parseFlag('--agreement', fraction(0, 1), options.agreement) ?? 0.99;
  const seconds = parseFlag('--seconds', integer(1, 3600), options.seconds) ?? 60;
  await using opened = await openNamed(text, options, context);
  const { registry, reference, config } = opened;
  const { signal } = context;
  const tell = teller(options.json, context);
  const { manifest } = await registry.open(reference);
  const names = Object.entries(manifest.variants).flatMap(([name, { format, adapt }]) =>
    format === 'onnx' && !adapt ? [name] : [],
  );
  const base = names.includes('fp32') ? 'fp32' : names[0];
  if (base === undefined) throw new RookeryError('MODEL_INVALID', { detail: 'it has no variant in ONNX' });
  const models = new Map<string, ServingModel>();
  for (const variant of names) models.set(variant, await registry.load(reference, { variant, signal }));
  const first = models.get(base) as ServingModel;
  const reading = { recursive: options.recursive === true, config, context };
  const sample = await readPictures(options.check ?? picturePaths(), first, reading);
  const sources = distinctSources(sample);
  await using folder = await reportFolder(options.report, `${first.name}-tune-report`, context.cwd);
  const engines: EngineName[] = [
    'onnx',
    ...findInstalled('openvino', config.models.engines).map(() => 'openvino' as const),
  ];
  const settings = settingsOf(names, engines, models);
  tell(
    `${settings.length} settings, ${sample.count} pictures (${new Set(sources).size} different), about ${seconds} s`,
  );
  const each = { seconds: seconds / settings.length / passes, enginesFolder: config.models.engines, signal };
  const truth = await runSetting(
    first,
    { variant: base, engine: 'onnx', threads: availableParallelism(), batch: 8 },
    sample,
    { ...each, seconds: 0 },
  );
  const { runs, skipped } = await measureAll(
    settings,
    (setting) => {
      const model = models.get(setting.variant);
      if (!model) throw new RookeryError('INTERNAL', { detail: setting.variant });
      return runSetting(model, setting, sample, each);
    },
    signal,
  );
  const tuned = rankSettings(runs, truth.scores, first.labels.length, sources);
  const chosen = tuned.find(({ agreement }) => agreement.stable >= wanted) ?? null;
  const report: TuneReport = {
    v: 1,
    model: first.name,
    version: first.version,
    reference: base,
    wanted,
    settings: tuned,
    chosen,
    skipped,
  };
  await writeFile(folder.pathOf('report.json'), `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(folder.pathOf('report.html'), tunePage(report));
  if (options.json) return printJson(report, context);
  const shown = context.quiet ? [] : tuned.slice(0, 15);
  const table = renderTable(
    tuneTitles.map((title, n) => ({ title, align: n > 1 && n < 7 ? 'right' : 'left' })),
    shown.map(tuneRow),
  );
  const best = chosen ? settingText(chosen) : `none keeps ${wanted * 100} % of the labels`;
  await context.stdout.write(
    context.quiet
      ? `${best}\n`
      : `${table}\nlabels compared on ${new Set(sources).size} different pictures; in brackets the 95 % interval\nfastest: ${best}\nreport ${folder.pathOf('report.html')}\n`,
  );
}
