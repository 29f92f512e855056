import { type AliasRecord, RolloutRules, RookeryError } from '@rookery/contracts';
import { beside, cleared } from '@rookery/models';
import { fraction, integer } from '../config/kinds.ts';
import type { CommandContext } from '../context.ts';
import { parseFlag } from '../produce/parse-flag.ts';
import { percentText } from './beside-text.ts';
import { openNamed, printJson } from './models-registry.ts';
import type { ReleaseOptions } from './models-release.ts';

export interface BesideOptions extends ReleaseOptions {
  readonly share?: string;
  readonly of?: string;
  readonly remove?: boolean;
}

export interface CanaryOptions extends BesideOptions {
  readonly promoteAfter?: string;
  readonly maxErrors?: string;
  readonly maxLatencyRatio?: string;
  readonly maxDisagreement?: string;
}

/** `rookery models canary` and `rookery models shadow` */
export async function standBeside(
  text: string,
  role: 'canary' | 'shadow',
  options: CanaryOptions,
  context: CommandContext,
): Promise<void> {
  const alias = options.of ?? 'production';
  const share = parseFlag('--share', fraction(0.0001, 1), options.share) ?? (role === 'canary' ? 0.1 : 1);
  const rules = rulesOf(options);
  await using named = await openNamed(text, options, context);
  const { registry, reference, config } = named;
  const { name, version } = (await registry.resolve(reference)).manifest;
  const why = { by: config.models.by, reason: options.reason };
  const record = await registry.changeAlias(name, alias, (now) => {
    if (!now) throw new RookeryError('ALIAS_UNCHANGED', { detail: `there is no ${name}:${alias}` });
    return options.remove ? (cleared(now, why) ?? now) : beside(now, role, { version, share }, { ...why, rules });
  });
  if (options.json) {
    const { canary = null, shadow = null, rules: kept = null } = record ?? {};
    return printJson({ name, alias, version: record?.version, canary, shadow, rules: kept }, context);
  }
  if (context.quiet || !record) return;
  await context.stdout.write(`${name}:${alias} is ${name}@${record.version}, ${besidesText(name, record)}\n`);
}

function besidesText(name: string, { canary, shadow, rules }: AliasRecord): string {
  const said = [
    canary && `${name}@${canary.version} for ${percentText(canary.share)} of keys`,
    canary && rules && `promoted or taken back by its rules after ${rules.promoteAfter} pictures`,
    shadow && `${name}@${shadow.version} in the shadow of ${percentText(shadow.share)}`,
  ].filter((each) => each !== undefined);
  return said.length > 0 ? said.join(', ') : 'nothing beside it';
}

/** @throws {RookeryError} USAGE where there are rules, and not after how many pictures they are to decide. */
function rulesOf(options: CanaryOptions): RolloutRules | undefined {
  const promoteAfter = parseFlag('--promote-after', integer(1, 1_000_000_000), options.promoteAfter);
  const limits = {
    maxErrors: parseFlag('--max-errors', fraction(0, 1), options.maxErrors),
    maxLatencyRatio: parseFlag('--max-latency-ratio', fraction(0.01, 1_000), options.maxLatencyRatio),
    maxDisagreement: parseFlag('--max-disagreement', fraction(0, 1), options.maxDisagreement),
  };
  if (promoteAfter !== undefined) return RolloutRules.parse({ promoteAfter, ...limits });
  if (Object.values(limits).every((limit) => limit === undefined)) return undefined;
  throw new RookeryError('USAGE', { detail: 'a rule needs --promote-after: the pictures after which it decides' });
}
