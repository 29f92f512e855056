import { type AliasChange, RookeryError } from '@rookery/contracts';
import type { CommandContext } from '../context.ts';
import { printable } from '../ui/printable.ts';
import { renderTable } from '../ui/table.ts';
import { type ModelsOptions, openNamed, printJson } from './models-registry.ts';

/** `rookery models history` */
export async function showHistory(text: string, options: ModelsOptions, context: CommandContext): Promise<void> {
  await using named = await openNamed(text, options, context);
  const { registry, reference } = named;
  if (reference.kind !== 'registry' || reference.version !== undefined)
    throw new RookeryError('REFERENCE_INVALID', { detail: `"${text}": name or name:alias, whose history is meant` });
  const { name, alias = 'production' } = reference;
  const record = await registry.readAlias(name, alias);
  if (!record)
    throw new RookeryError('MODEL_NOT_FOUND', { detail: `there is no ${name}:${alias} in ${registry.location}` });
  const { version, history = [] } = record;
  if (options.json) return printJson({ name, alias, version, history }, context);
  if (history.length === 0)
    return context.stdout.write(`${name}:${alias} is ${name}@${version}; nothing is kept of how it came to\n`);
  const columns = ['WHEN', 'WHAT', 'FROM', 'TO', 'BY', 'REASON'].map((title) => ({ title }));
  await context.stdout.write(renderTable(columns, history.map(rowOf)));
}

const rowOf = ({ at, what, from, to, by = '', reason = '' }: AliasChange): string[] =>
  [`${at.slice(0, 19)}Z`, what, from ?? 'none', to, by, reason].map((text) => printable(text).replaceAll('\n', ' '));
