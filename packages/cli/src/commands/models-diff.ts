import { type Difference, diffVersions } from '@rookery/models';
import type { CommandContext } from '../context.ts';
import { colours } from '../ui/colours.ts';
import { printable } from '../ui/printable.ts';
import { configuredRegistry, type ModelsOptions, printJson, referenceOf, sizeText } from './models-registry.ts';

/** Labels are many: these are shown. */
const shownLabels = 10;

/** `rookery models diff`: either version may lie in a registry of its own. */
export async function diffModels(
  one: string,
  other: string,
  options: ModelsOptions,
  context: CommandContext,
): Promise<void> {
  await using registry = await configuredRegistry(options, context);
  const at = (text: string) => ({ registry, reference: referenceOf(text, context) });
  const all = await diffVersions(at(one), at(other), context.signal);
  if (options.json) return printJson(all.map(withNulls), context);
  // When they were added is no difference that anybody asks for.
  const differences = all.filter(({ section, what }) => section !== 'version' || what !== 'createdAt');
  if (differences.length === 0) return context.stdout.write('no difference\n');
  const paint = colours(context.colour.stdout);
  const labels = differences.filter(({ section }) => section === 'labels');
  const hidden = new Set(labels.slice(shownLabels));
  const lines = differences
    .filter((each) => !hidden.has(each))
    .flatMap(({ section, what, from, to }) => [
      paint.bold(printable(`${section}  ${what}`)),
      ...(from === undefined ? [] : [paint.red(`  - ${printable(textOf(from))}`)]),
      ...(to === undefined ? [] : [paint.green(`  + ${printable(textOf(to))}`)]),
    ]);
  if (hidden.size > 0) lines.push(`and ${hidden.size} labels more`);
  await context.stdout.write(`${lines.join('\n')}\n`);
}

const withNulls = ({ section, what, from = null, to = null }: Difference) => ({ section, what, from, to });

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const { sizeBytes, digest } = (value ?? {}) as { sizeBytes?: unknown; digest?: unknown };
  return typeof sizeBytes === 'number' ? `${sizeText(sizeBytes)}  ${digest}` : JSON.stringify(value);
}
