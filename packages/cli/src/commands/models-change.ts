import type { CommandContext } from '../context.ts';
import { type ModelsOptions, openNamed, printJson } from './models-registry.ts';
import { nowNames, type ReleaseOptions } from './models-release.ts';

/** `rookery models alias` */
export async function aliasModel(
  text: string,
  alias: string,
  options: ReleaseOptions,
  context: CommandContext,
): Promise<void> {
  await using named = await openNamed(text, options, context);
  const { registry, reference, config } = named;
  const { name, version } = (await registry.resolve(reference)).manifest;
  const expect = options.expect === 'none' ? null : options.expect;
  const before = (await registry.readAlias(name, alias))?.version ?? null;
  await registry.alias(name, alias, version, { expect, by: config.models.by, reason: options.reason });
  if (options.json) return printJson({ name, alias, version, before }, context);
  if (!context.quiet) await context.stdout.write(`${nowNames(name, alias, version, before)}\n`);
}

/** `rookery models remove` */
export async function removeModel(
  text: string,
  options: ModelsOptions & { readonly force?: boolean },
  context: CommandContext,
): Promise<void> {
  await using named = await openNamed(text, options, context);
  const { registry, reference } = named;
  const removed = await registry.remove(reference, { force: options.force });
  if (options.json) return printJson(removed, context);
  if (context.quiet) return;
  const { name, version, aliases } = removed;
  const also = aliases.length > 0 ? `, and ${aliases.map((alias) => `${name}:${alias}`).join(', ')}` : '';
  await context.stdout.write(`removed ${name}@${version}${also}\n`);
}
