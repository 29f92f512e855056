import { createHash } from 'node:crypto';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { canonicalJson, makeFolders } from '@rookery/contracts';
import type { ClassifierLog } from './classifier-options.ts';

/** Where a measurement of this machine is kept. `what`: everything that it depends on besides. */
export function measuredFile(folder: string, what: object, prefix = ''): string {
  const machine = { cpu: cpus()[0]?.model ?? process.arch, cores: availableParallelism() };
  const key = createHash('sha256')
    .update(canonicalJson({ machine, ...what }))
    .digest('hex')
    .slice(0, 32);
  return join(folder, `${prefix}${key}.json`);
}

interface Kept {
  readonly value: Readonly<Record<string, unknown>>;
  readonly ageMs: number;
}

/** Nothing where there is nothing or it is damaged. */
export async function readMeasured(file: string): Promise<Kept | undefined> {
  try {
    const parsed: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    return { value: parsed as Kept['value'], ageMs: Date.now() - (await stat(file)).mtimeMs };
  } catch {
    return undefined;
  }
}

/**
 * A cache that cannot be written costs the next start a second, nothing else.
 * @param what was measured, for people.
 */
export async function keepMeasured(
  file: string,
  measured: object,
  { what, log }: { readonly what: string; readonly log: ClassifierLog | undefined },
): Promise<void> {
  try {
    await makeFolders(dirname(file));
    const temporary = `${file}.${process.pid}.tmp`;
    await writeFile(temporary, `${JSON.stringify(measured)}\n`);
    await rename(temporary, file);
  } catch (cause) {
    log?.warn({ err: cause, file }, `${what} could not be kept`);
  }
}
