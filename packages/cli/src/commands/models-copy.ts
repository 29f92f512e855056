import { RookeryError } from '@rookery/contracts';
import { copyVersion, parseRegistryAddress } from '@rookery/models';
import type { CommandContext } from '../context.ts';
import { openRegistryFor, registryFlags } from '../registry.ts';
import { type ModelsOptions, printJson, referenceOf } from './models-registry.ts';
import { nowNames } from './models-release.ts';

export interface ExchangeOptions extends ModelsOptions {
  readonly alias?: string;
  /** Where `alias` must be before. */
  readonly expect?: string;
}

/** `rookery models push`: from the folder of this machine, or an address, to the registry. */
export function pushModel(text: string, options: ExchangeOptions, context: CommandContext): Promise<void> {
  return copyModel(text, options, context, 'push');
}

/** `rookery models pull`: from the registry, or an address, to the folder of this machine. */
export function pullModel(text: string, options: ExchangeOptions, context: CommandContext): Promise<void> {
  return copyModel(text, options, context, 'pull');
}

async function copyModel(
  text: string,
  { models, registry, alias, expect: from, json }: ExchangeOptions,
  context: CommandContext,
  direction: 'push' | 'pull',
): Promise<void> {
  const reference = referenceOf(text, context);
  const expect = from === 'none' ? null : from;
  if (expect !== undefined && alias === undefined)
    throw new RookeryError('USAGE', { detail: '--expect is about --alias, which is missing' });
  const config = await context.config({ models: registryFlags({ models, registry }) });
  const { folder: here, registry: there } = config.models;
  // An address or a path says itself where it is pulled from.
  const isSaid = parseRegistryAddress(reference).location !== undefined || reference.kind === 'path';
  if (there === undefined && !(direction === 'pull' && isSaid))
    throw new RookeryError('USAGE', {
      detail: `${direction === 'push' ? 'to' : 'from'} where? --registry (or ROOKERY_REGISTRY) is missing`,
    });
  const [sourceAt, targetAt] = direction === 'push' ? [here, there ?? here] : [there ?? here, here];
  await using source = await openRegistryFor(sourceAt, config, context.cwd);
  await using target = await openRegistryFor(targetAt, config, context.cwd);
  const { name, version, created, repaired } = await copyVersion(source, target, reference, { signal: context.signal });
  const before = alias === undefined ? undefined : ((await target.readAlias(name, alias))?.version ?? null);
  if (alias !== undefined) await target.alias(name, alias, version, { expect, by: config.models.by });
  if (json)
    return printJson(
      { name, version, created, repaired, alias: alias ?? null, before: before ?? null, to: target.location },
      context,
    );
  if (context.quiet) return;
  const lines = [
    created
      ? `copied ${name}@${version} to ${target.location}`
      : `already there: ${name}@${version} in ${target.location}`,
    ...repaired.map((path) => `repaired ${path}, which had been changed`),
    ...(alias === undefined ? [] : [nowNames(name, alias, version, before)]),
  ];
  await context.stdout.write(`${lines.join('\n')}\n`);
}
