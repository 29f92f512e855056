import { RookeryError } from '@rookery/contracts';
import { copyVersion, parseRegistryAddress } from '@rookery/models';
import type { CommandContext } from '../context.ts';
import { openRegistryFor, registryFlags } from '../registry.ts';
import { type ModelsOptions, printJson, referenceOf } from './models-registry.ts';

export interface ExchangeOptions extends ModelsOptions {
  readonly alias?: string;
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
  { models, registry, alias, json }: ExchangeOptions,
  context: CommandContext,
  direction: 'push' | 'pull',
): Promise<void> {
  const reference = referenceOf(text, context);
  const config = await context.config({ models: registryFlags({ models, registry }) });
  const { folder: here, registry: there } = config.models;
  // An address or a path says itself where it is pulled from.
  const isSaid = parseRegistryAddress(reference).location !== undefined || reference.kind === 'path';
  if (there === undefined && !(direction === 'pull' && isSaid))
    throw new RookeryError('USAGE', {
      detail: `${direction === 'push' ? 'to' : 'from'} where? --registry (or ROOKERY_REGISTRY) is missing`,
    });
  const [from, to] = direction === 'push' ? [here, there ?? here] : [there ?? here, here];
  await using source = await openRegistryFor(from, config, context.cwd);
  await using target = await openRegistryFor(to, config, context.cwd);
  const { name, version, created, repaired } = await copyVersion(source, target, reference, {
    alias,
    signal: context.signal,
  });
  if (json) return printJson({ name, version, created, repaired, alias: alias ?? null, to: target.location }, context);
  if (context.quiet) return;
  const lines = [
    `${created ? 'copied' : 'already there:'} ${name}@${version} to ${target.location}`,
    ...repaired.map((path) => `repaired ${path}, which had been changed`),
    ...(alias === undefined ? [] : [`${name}:${alias} is now ${name}@${version}`]),
  ];
  await context.stdout.write(`${lines.join('\n')}\n`);
}
