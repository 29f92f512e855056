import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { RookeryError, withoutMark } from '@rookery/contracts';
import type { Section } from './setting.ts';

/** What a configuration file holds: `{ section: { key: value } }`, names checked, values not yet. */
export interface ConfigFile {
  readonly path: string;
  readonly values: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const usualName = 'rookery.config.json';

/** @param given a path that must exist; without it the usual name in `cwd`, where it exists. @throws CONFIG_INVALID */
export async function readConfigFile(
  given: string | undefined,
  cwd: string,
  sections: Readonly<Record<string, Section>>,
): Promise<ConfigFile | undefined> {
  const path = resolve(cwd, given ?? usualName);
  const invalid = (detail: string, cause?: unknown) =>
    new RookeryError('CONFIG_INVALID', { detail: `${path}: ${detail}`, cause });
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (given === undefined && (cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw invalid('cannot be read', cause);
  }
  let values: unknown;
  try {
    values = JSON.parse(withoutMark(text));
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : 'not JSON', cause);
  }
  if (!isRecord(values)) throw invalid('must be an object of sections');
  const checked: Record<string, Record<string, unknown>> = {};
  for (const [name, section] of Object.entries(values)) {
    if (name === '$schema') continue;
    const known = sections[name];
    if (!known) throw invalid(`unknown section "${name}", allowed: ${Object.keys(sections).join(', ')}`);
    if (!isRecord(section)) throw invalid(`section "${name}" must be an object`);
    for (const key of Object.keys(section)) {
      if (!Object.hasOwn(known, key)) {
        throw invalid(`unknown key "${name}.${key}", allowed: ${Object.keys(known).join(', ')}`);
      }
    }
    checked[name] = section;
  }
  return { path, values: checked };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
