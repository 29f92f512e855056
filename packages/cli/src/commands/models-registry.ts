import { resolve } from 'node:path';
import { parseReference, parseRegistryAddress, type Reference, type Registry } from '@rookery/models';
import type { Config } from '../config.ts';
import type { CommandContext } from '../context.ts';
import { openRegistryFor, openRegistryOf, registryFlags, registryLocation } from '../registry.ts';
import type { RegistryOptions } from './registry-options.ts';

/** What every `rookery models` command takes. */
export interface ModelsOptions extends RegistryOptions {
  readonly json?: boolean;
}

/** The configured registry. */
export async function configuredRegistry(options: ModelsOptions, context: CommandContext): Promise<Registry> {
  return openRegistryOf(await context.config({ models: registryFlags(options) }), context.cwd);
}

/** A registry and what is meant in it. */
export interface NamedModel extends AsyncDisposable {
  readonly registry: Registry;
  readonly reference: Reference;
  readonly config: Config;
}

/** What is to be changed, in the registry that its address names, or in the configured one. */
export async function openNamed(
  text: string,
  options: RegistryOptions & { readonly by?: string },
  context: CommandContext,
): Promise<NamedModel> {
  const config = await context.config({ models: { ...registryFlags(options), by: options.by } });
  const { location = registryLocation(config), reference } = parseRegistryAddress(referenceOf(text, context));
  const registry = await openRegistryFor(location, config, context.cwd);
  return { registry, reference, config, [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose]() };
}

/** A reference of the command line: paths start at the working folder. @throws {RookeryError} REFERENCE_INVALID */
export function referenceOf(text: string, context: CommandContext): Reference {
  const reference = parseReference(text);
  return reference.kind === 'path' && !reference.path.startsWith('file:')
    ? { kind: 'path', path: resolve(context.cwd, reference.path) }
    : reference;
}

export const printJson = (value: unknown, context: CommandContext): Promise<void> =>
  context.stdout.write(`${JSON.stringify(value, null, 2)}\n`);

/** Bytes as people say them: `13.8 MB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const [unit, divisor] = bytes < 999_950 ? ['kB', 1e3] : bytes < 999_950_000 ? ['MB', 1e6] : ['GB', 1e9];
  return `${(bytes / (divisor as number)).toFixed(1)} ${unit}`;
}
