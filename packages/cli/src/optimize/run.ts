import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { RookeryError, type ServingModel } from '@rookery/contracts';
import { checkAlias, type Registry } from '@rookery/models';
import { compareGraphs, distinctSources, findStableBatch, type GraphComparison } from '@rookery/optimizer';
import { openNamed, printJson } from '../commands/models-registry.ts';
import { integer } from '../config/kinds.ts';
import type { Config } from '../config.ts';
import type { CommandContext } from '../context.ts';
import { picturePaths } from '../demo/pictures.ts';
import { exitCodes } from '../exit.ts';
import { parseFlag } from '../produce/parse-flag.ts';
import { colours } from '../ui/colours.ts';
import { missedAgreement } from './missed-agreement.ts';
import type { OptimizeOptions } from './options.ts';
import { readPictures } from './read-pictures.ts';
import type { Changed, Recipe } from './recipe.ts';
import { makeReport } from './report.ts';
import { reportFolder } from './report-folder.ts';
import { optimizePage } from './report-page.ts';
import { optimizeText } from './report-text.ts';
import { type SplitPictures, splitPictures } from './split-pictures.ts';
import { teller } from './teller.ts';
import { withVariant } from './with-variant.ts';

/** `rookery optimize ...`: changes a model by a recipe, compares, publishes, and reports. */
export async function runOptimize(
  text: string,
  recipe: Recipe,
  options: OptimizeOptions,
  context: CommandContext,
): Promise<void> {
  const { signal } = context;
  const variant = parseVariant(options.as ?? recipe.variant);
  const threads = parseFlag('--threads', integer(1, 256), options.threads) ?? availableParallelism();
  const seconds = parseFlag('--seconds', integer(1, 3600), options.seconds);
  if (options.alias !== undefined) checkAlias(options.alias);
  await using opened = await openNamed(text, options, context);
  const { registry, reference, config } = opened;
  const tell = teller(options.json, context);
  const contents = await registry.open(reference);
  const from = options.from ?? ('fp32' in contents.manifest.variants ? 'fp32' : contents.manifest.defaultVariant);
  if (from === variant)
    throw new RookeryError('USAGE', { detail: `--as: the variant ${variant} is what it is made of` });
  const model = await registry.load(reference, { variant: from, signal });
  const graph = bytesOfGraph(model);
  const split = await picturesFor(recipe, model, options, config, context);
  const { count } = split.calibration;
  const changing = count === 0 ? '' : `${count} pictures to change it with, `;
  tell(`${changing}${split.check.count} (${new Set(split.sources).size} different) to check`);
  await using folder = await reportFolder(options.report, `${model.name}-${variant}-report`, context.cwd);
  const changed = await recipe.change(graph, split.calibration, { sessionConfig: model.sessionConfig, signal, tell });
  tell('comparing');
  const unchanged = { graph, sessionConfig: model.sessionConfig };
  const comparing = { sources: split.sources, layerReference: changed.layerReference, threads, seconds, signal };
  const comparison = await compareGraphs(unchanged, changed, split.check, comparing);
  const missed = missedAgreement(changed.asked, comparison.agreement);
  const alias = missed === undefined ? options.alias : undefined;
  const published = await publish(registry, model, changed, comparison, variant, contents, { ...options, alias });
  const to = { version: published.version, variant };
  const report = makeReport({ title: recipe.title, model, to, facts: changed.facts, split, comparison });
  await writeFile(folder.pathOf('report.json'), `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(folder.pathOf('report.html'), optimizePage(report));
  const address = `${model.name}@${published.version}`;
  if (options.alias !== alias) {
    context.exitCode = exitCodes.failed;
    const paint = colours(context.colour.stderr);
    await context.stderr.write(
      `${paint.red('not moved')}: ${model.name}:${options.alias}: ${missed}\n  hint: \`rookery models promote ${address} --to ${options.alias}\` moves it all the same\n`,
    );
  }
  if (options.json) return printJson(report, context);
  if (context.quiet) return context.stdout.write(`${address}\n`);
  const lines = [
    `${published.created ? 'added' : 'already there:'} ${address}, variant ${variant}`,
    ...(alias === undefined ? [] : [`${model.name}:${alias} is now ${address}`]),
  ];
  await context.stdout.write(`${lines.join('\n')}\n${optimizeText(report)}  report ${folder.pathOf('report.html')}\n`);
}

function bytesOfGraph({ graph, format, adapt, variant }: ServingModel): Uint8Array {
  if (format !== 'onnx' || adapt !== undefined || !('bytes' in graph))
    throw new RookeryError('MODEL_INVALID', {
      detail: `the variant ${variant} is ${format}; --from names an ONNX one`,
    });
  return graph.bytes;
}

function parseVariant(name: string): string {
  if (/^[a-z0-9][a-z0-9.-]{0,31}$/.test(name)) return name;
  throw new RookeryError('USAGE', {
    detail: `--as: got "${name}", allowed: lower-case letters, digits, "." and "-", at most 32`,
  });
}

async function picturesFor(
  recipe: Recipe,
  model: ServingModel,
  options: OptimizeOptions,
  config: Config,
  context: CommandContext,
): Promise<SplitPictures> {
  const reading = { recursive: options.recursive === true, config, context };
  const checks = options.check && (await readPictures(options.check, model, reading));
  if (recipe.calibrates) {
    if (!options.calibrate)
      throw new RookeryError('USAGE', { detail: '--calibrate: pictures of the kind that the model is going to see' });
    return splitPictures(await readPictures(options.calibrate, model, reading), checks);
  }
  const check = checks ?? (await readPictures(picturePaths(), model, reading));
  const none = { ...check, count: 0, names: [] };
  return { calibration: none, check, sources: distinctSources(check), calibrationSources: 0 };
}

async function publish(
  registry: Registry,
  model: ServingModel,
  { graph, sessionConfig }: Changed,
  { agreement }: GraphComparison,
  variant: string,
  contents: Parameters<typeof withVariant>[0],
  options: OptimizeOptions,
): Promise<{ readonly version: string; readonly created: boolean }> {
  const { width, height } = model.preprocessing;
  const stable = await findStableBatch(graph, {
    input: model.input,
    width,
    height,
    ...(sessionConfig && { session: { config: sessionConfig } }),
  });
  const draft = await withVariant(contents, {
    name: variant,
    graph,
    stableBatch: stable.bits,
    sessionConfig,
    isDefault: options.default === true,
    metrics: { [`${variant}.agreement`]: agreement.stable, [`${variant}.sources`]: agreement.sources },
  });
  return registry.publish(model.name, draft, { alias: options.alias });
}
