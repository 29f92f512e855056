import { RookeryError } from '@rookery/contracts';
import { type Registry, requireSignature, rollBack } from '@rookery/models';
import type { Config } from '../config.ts';
import type { CommandContext } from '../context.ts';
import { trustedKeys } from '../registry.ts';
import { type ModelsOptions, openNamed, printJson } from './models-registry.ts';

export interface ReleaseOptions extends ModelsOptions {
  readonly to?: string;
  readonly expect?: string;
  readonly reason?: string;
  readonly by?: string;
}

/** `rookery models promote`: what does not verify, or is not signed where that is asked for, is not promoted. */
export async function promoteModel(text: string, options: ReleaseOptions, context: CommandContext): Promise<void> {
  const alias = options.to ?? 'production';
  await using named = await openNamed(text, options, context);
  const { registry, reference, config } = named;
  const { name, version } = (await registry.resolve(reference)).manifest;
  await check(registry, `${name}@${version}`, config, context);
  const before = (await registry.readAlias(name, alias))?.version ?? null;
  const expect = options.expect === 'none' ? null : options.expect;
  await registry.alias(name, alias, version, { expect, by: config.models.by, reason: options.reason });
  if (options.json) return printJson({ name, alias, version, before }, context);
  if (context.quiet) return;
  await context.stdout.write(`${nowNames(name, alias, version, before)}\n`);
}

/** What an alias names since it was moved, and what it named before. */
export function nowNames(name: string, alias: string, version: string, before: string | null | undefined): string {
  const was = before == null || before === version ? '' : `, which was ${name}@${before}`;
  return `${name}:${alias} is now ${name}@${version}${was}`;
}

/** `rookery models rollback` */
export async function rollBackModel(text: string, options: ReleaseOptions, context: CommandContext): Promise<void> {
  await using named = await openNamed(text, options, context);
  const { registry, reference, config } = named;
  if (reference.kind !== 'registry' || reference.version !== undefined)
    throw new RookeryError('REFERENCE_INVALID', { detail: `"${text}": name or name:alias, whose alias goes back` });
  const { name, alias = 'production' } = reference;
  const before = await registry.readAlias(name, alias);
  const { version } = await rollBack(registry, name, alias, { by: config.models.by, reason: options.reason });
  if (options.json) return printJson({ name, alias, version, before: before?.version ?? null }, context);
  if (context.quiet) return;
  const what =
    before?.canary === undefined
      ? `which was ${name}@${before?.version}`
      : `without the canary ${name}@${before.canary.version}`;
  await context.stdout.write(`${name}:${alias} is now ${name}@${version}, ${what}\n`);
}

async function check(registry: Registry, reference: string, config: Config, context: CommandContext): Promise<void> {
  const { intact, files, version } = await registry.verify(reference, context.signal);
  if (!intact) {
    const changed = files.filter(({ expected, found }) => expected !== found).map(({ path }) => path);
    throw new RookeryError('MODEL_CORRUPT', { detail: `${reference}: ${changed.join(', ')}` });
  }
  const trusted = await trustedKeys(config, context.cwd);
  if (trusted && !version.builtIn) requireSignature(version.manifest, await registry.signatures(reference), trusted);
}
