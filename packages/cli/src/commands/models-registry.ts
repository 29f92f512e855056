import { resolve } from 'node:path';
import { openRegistry, parseReference, type Reference, type Registry } from '@rookery/models';
import type { CommandContext } from '../context.ts';

/** What every `rookery models` command takes. */
export interface ModelsOptions {
  readonly models?: string;
  readonly json?: boolean;
}

/** The configured registry. */
export async function configuredRegistry(options: ModelsOptions, context: CommandContext): Promise<Registry> {
  const { models } = await context.config({ models: { folder: options.models } });
  return openRegistry({ folder: resolve(context.cwd, models.folder) });
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
