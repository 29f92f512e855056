import { RookeryError } from '@rookery/contracts';
import { beside, cleared } from '@rookery/models';
import { fraction } from '../config/kinds.ts';
import type { CommandContext } from '../context.ts';
import { parseFlag } from '../produce/parse-flag.ts';
import { openNamed, printJson } from './models-registry.ts';
import type { ReleaseOptions } from './models-release.ts';

export interface CanaryOptions extends ReleaseOptions {
  readonly share?: string;
  readonly of?: string;
  readonly remove?: boolean;
}

/** `rookery models canary` */
export async function canaryModel(text: string, options: CanaryOptions, context: CommandContext): Promise<void> {
  const alias = options.of ?? 'production';
  const share = parseFlag('--share', fraction(0.0001, 1), options.share) ?? 0.1;
  await using named = await openNamed(text, options, context);
  const { registry, reference, config } = named;
  const { name, version } = (await registry.resolve(reference)).manifest;
  const why = { by: config.models.by, reason: options.reason };
  const record = await registry.changeAlias(name, alias, (now) => {
    if (!now) throw new RookeryError('ALIAS_CONFLICT', { detail: `there is no ${name}:${alias}` });
    return options.remove ? (cleared(now, why) ?? now) : beside(now, 'canary', { version, share }, why);
  });
  if (options.json)
    return printJson({ name, alias, version: record?.version, canary: record?.canary ?? null }, context);
  if (context.quiet) return;
  const canary = record?.canary;
  const what = canary ? `${name}@${canary.version} for ${canary.share * 100} % of keys` : 'no canary';
  await context.stdout.write(`${name}:${alias} is ${name}@${record?.version}, ${what}\n`);
}
