import { checkAlias, checkName } from '@rookery/models';
import type { ImportOptions } from '@rookery/optimizer';
import type { CommandContext } from '../context.ts';
import { colours } from '../ui/colours.ts';
import type { AddOptions } from './models-add-flags.ts';
import { importOptionsOf } from './models-import-options.ts';
import { configuredRegistry, printJson, sizeText } from './models-registry.ts';
import { openSource } from './models-source.ts';

/** `rookery models add`: imports a model file and publishes it. What was guessed goes to stderr, what was added to stdout. */
export async function addModel(file: string, options: AddOptions, context: CommandContext): Promise<void> {
  // Before anything that takes its time.
  const flags = importOptionsOf(options);
  if (options.name !== undefined) checkName(options.name);
  if (options.alias !== undefined) checkAlias(options.alias);
  await using registry = await configuredRegistry(options, context);
  const dim = colours(context.colour.stderr).dim;
  const notes: string[] = [];
  const notice = async (text: string) => {
    notes.push(text);
    if (!context.quiet && !options.json) await context.stderr.write(`${dim(`note: ${text}`)}\n`);
  };
  const { model, beside, labels, source, name: defaultName, known } = await openSource(file, options, context, notice);
  const { importFolder, importModel } = await import('@rookery/optimizer');
  const { draft, notes: guesses } = await (typeof model === 'function'
    ? importFolder(model, { ...merged(known, flags), labels, source })
    : importModel(model, { ...merged(known, flags), labels, source }, beside));
  for (const guess of guesses) await notice(guess);
  const name = options.name ?? defaultName;
  const published = await registry.publish(name, draft, { alias: options.alias });
  if (options.json) return printJson({ name, ...published, alias: options.alias ?? null, notes }, context);
  if (context.quiet) return context.stdout.write(`${name}@${published.version}\n`);
  const { version, created, repaired } = published;
  const size = [...draft.files.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  const { width, height } = draft.manifest.preprocessing;
  const what = `${labels.length} classes, ${width}x${height}, ${Object.keys(draft.manifest.variants).join(' ')}, ${sizeText(size)}`;
  const lines = [
    `${created ? 'added' : 'already there:'} ${name}@${version}  ${what}`,
    ...repaired.map((path) => `repaired ${path}, which had been changed`),
    ...(options.alias === undefined ? [] : [`${name}:${options.alias} is now ${name}@${version}`]),
  ];
  await context.stdout.write(`${lines.join('\n')}\n`);
}

/** A range that was given takes the place of a normalisation that is known, not only of a part of it. */
function merged(known: Partial<ImportOptions>, flags: Partial<ImportOptions>): Partial<ImportOptions> {
  if (flags.range === undefined) return { ...known, ...flags };
  const { scale: _scale, mean: _mean, std: _std, ...rest } = known;
  return { ...rest, ...flags };
}
