import { ModelName, RookeryError } from '@rookery/contracts';
import { checkAlias, registerVersion } from '@rookery/models';
import type { CommandContext } from '../context.ts';
import { registryFlags } from '../registry.ts';
import { wandbOptionsOf } from '../wandb.ts';
import { configuredRegistry, type ModelsOptions, printJson, referenceOf } from './models-registry.ts';

export interface RegisterOptions extends ModelsOptions {
  readonly wandb: string;
  readonly alias?: readonly string[];
  readonly metric?: readonly string[];
  /** A name, or false by `--no-link`. */
  readonly link?: string | boolean;
}

/** `rookery models register` */
export async function registerModel(text: string, options: RegisterOptions, context: CommandContext): Promise<void> {
  const [entity, project, ...more] = options.wandb.split('/');
  if (!entity || !project || more.length > 0)
    throw new RookeryError('USAGE', { detail: `--wandb: got "${options.wandb}", allowed: entity/project` });
  const { alias: aliases = [], metric = [] } = options;
  for (const alias of aliases) checkAlias(alias);
  if (typeof options.link === 'string' && !/^[^/:]{1,128}$/.test(options.link))
    throw new RookeryError('USAGE', {
      detail: `--link: got "${options.link}", allowed: a name without "/" and ":", at most 128 characters`,
    });
  const given = Object.fromEntries(metric.map(metricOf));
  await using registry = await configuredRegistry(options, context);
  const contents = await registry.open(referenceOf(text, context));
  const { name, version, metrics } = contents.manifest;
  const wandb = await wandbOptionsOf(await context.config({ models: registryFlags(options) }));
  const link = options.link === false ? undefined : typeof options.link === 'string' ? options.link : name;
  const registration = { entity, project, metrics: { ...metrics, ...given }, aliases, link };
  const registered = await registerVersion(wandb, contents, registration, context.signal);
  if (options.json) return printJson({ name, version, ...registered, link: registered.link ?? null }, context);
  if (context.quiet) return context.stdout.write(`${registered.address}\n`);
  const isReadable = link === undefined || ModelName.safeParse(link).success;
  const lines = [
    `${registered.created ? 'registered' : 'already there:'} ${name}@${version} as ${registered.address}`,
    ...(registered.link === undefined ? [] : [`linked to ${registered.link}`]),
    ...(isReadable ? [] : [`"${link}" is no model's name here: it is read as ${registered.address} only`]),
    `run ${registered.runUrl}`,
  ];
  await context.stdout.write(`${lines.join('\n')}\n`);
}

function metricOf(text: string): [string, number] {
  const [, name, value] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (name === undefined || value === undefined || !Number.isFinite(Number(value)))
    throw new RookeryError('USAGE', { detail: `--metric: got "${text}", allowed: name=number, such as accuracy=0.91` });
  return [name, Number(value)];
}
