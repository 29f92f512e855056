import { RookeryError } from '@rookery/contracts';
import type { Environment } from './environment.ts';
import type { ConfigFile } from './file.ts';
import type { Section, Setting, ValuesOf } from './setting.ts';

/** Where a value came from: `--top`, `ROOKERY_TOP`, a file's path, or `default`. */
export type Origin = string;

interface SectionSources<S extends Section> {
  readonly name: string;
  readonly section: S;
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Environment;
  readonly file: ConfigFile | undefined;
  /** Filled with `section.key` of each. */
  readonly origins: Map<string, Origin>;
}

/** @throws CONFIG_INVALID */
export function resolveSection<S extends Section>({
  name,
  section,
  flags,
  env,
  file,
  origins,
}: SectionSources<S>): ValuesOf<S> {
  const values: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(section)) {
    const path = `${name}.${key}`;
    const found = find(one, flags[key], file?.values[name]?.[key], file?.path, env);
    origins.set(path, found?.origin ?? 'default');
    values[key] = found ? check(path, one, found) : defaultOf(one, env);
  }
  // Each key of the section was given a value by its own schema.
  return values as ValuesOf<S>;
}

interface Found {
  readonly value: unknown;
  readonly origin: Origin;
}

function find(
  { env: names = [], flag }: Setting<unknown>,
  fromFlags: unknown,
  fromFile: unknown,
  filePath: string | undefined,
  env: Environment,
): Found | undefined {
  if (fromFlags !== undefined) return { value: fromFlags, origin: flag ?? 'the command line' };
  for (const variable of names) {
    // As elsewhere, an empty variable counts as unset.
    if (env[variable]) return { value: env[variable], origin: variable };
  }
  return fromFile === undefined ? undefined : { value: fromFile, origin: filePath ?? 'the configuration file' };
}

function check(path: string, { kind, secret }: Setting<unknown>, { value, origin }: Found): unknown {
  const parsed = kind.schema().safeParse(value);
  if (parsed.success) return parsed.data;
  const got = secret ? 'a secret' : JSON.stringify(value);
  const where = origin.startsWith('--') ? origin : `${path} (from ${origin})`;
  throw new RookeryError('CONFIG_INVALID', { detail: `${where}: got ${got}, allowed: ${kind.allowed}` });
}

function defaultOf(one: Setting<unknown>, env: Environment): unknown {
  return typeof one.default === 'function' ? one.default(env) : one.default;
}
