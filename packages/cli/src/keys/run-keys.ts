import { resolve } from 'node:path';
import { createKey, type KeyRecord, readKeys, revokeKey } from '@rookery/api';
import { RookeryError, Scope } from '@rookery/contracts';
import { duration } from '../config/kinds.ts';
import type { CommandContext } from '../context.ts';
import { printable } from '../ui/printable.ts';
import { renderTable } from '../ui/table.ts';

interface KeysFileOptions {
  readonly keys?: string;
  readonly json?: boolean;
}

/** `rookery keys create NAME`: the key on stdout, all else on stderr, so that it can be piped. */
export async function createKeyCommand(
  name: string,
  options: KeysFileOptions & { readonly scopes: string; readonly expires?: string },
  context: CommandContext,
): Promise<void> {
  const file = await fileOf(options, context);
  const { text, record } = await createKey(file, {
    name,
    scopes: scopesOf(options.scopes),
    expiresAt: options.expires === undefined ? undefined : new Date(Date.now() + durationOf(options.expires)),
  });
  if (options.json) {
    await context.stdout.write(`${JSON.stringify({ ...shown(record), key: text })}\n`);
    return;
  }
  if (!context.quiet)
    await context.stderr.write(
      `The key "${printable(name)}" may: ${record.scopes.join(', ')}. It is shown this once.\n`,
    );
  await context.stdout.write(`${text}\n`);
}

/** `rookery keys list` */
export async function listKeysCommand(options: KeysFileOptions, context: CommandContext): Promise<void> {
  const keys = await readKeys(await fileOf(options, context));
  if (options.json) {
    await context.stdout.write(`${JSON.stringify(keys.map(shown), null, 2)}\n`);
    return;
  }
  if (keys.length === 0) {
    await context.stdout.write('no keys; `rookery keys create NAME` makes one\n');
    return;
  }
  const rows = keys.map((key) => [key.id, printable(key.name), key.scopes.join(' '), day(key.createdAt), stateOf(key)]);
  await context.stdout.write(
    renderTable([{ title: 'ID' }, { title: 'NAME' }, { title: 'SCOPES' }, { title: 'MADE' }, { title: 'STATE' }], rows),
  );
}

/** `rookery keys revoke KEY` */
export async function revokeKeyCommand(key: string, options: KeysFileOptions, context: CommandContext): Promise<void> {
  const { id, name } = await revokeKey(await fileOf(options, context), key);
  await context.stderr.write(`The key ${id} "${printable(name)}" is revoked.\n`);
}

async function fileOf({ keys }: KeysFileOptions, context: CommandContext): Promise<string> {
  const config = await context.config({ api: { keys } });
  return resolve(context.cwd, config.api.keys);
}

function scopesOf(text: string): Scope[] {
  return text.split(',').map((part) => {
    const parsed = Scope.safeParse(part.trim());
    if (parsed.success) return parsed.data;
    throw new RookeryError('USAGE', { detail: `--scopes: got "${part}", allowed: ${Scope.options.join(', ')}` });
  });
}

function durationOf(text: string): number {
  const kind = duration(1_000);
  const parsed = kind.schema().safeParse(text);
  if (parsed.success) return parsed.data;
  throw new RookeryError('USAGE', { detail: `--expires: got "${text}", allowed: ${kind.allowed}` });
}

const shown = ({ hash: _, ...others }: KeyRecord) => others;

const day = (time: string): string => time.slice(0, 10);

function stateOf({ revokedAt, expiresAt }: KeyRecord): string {
  if (revokedAt) return `revoked ${day(revokedAt)}`;
  if (expiresAt && Date.parse(expiresAt) <= Date.now()) return `expired ${day(expiresAt)}`;
  return expiresAt ? `in force until ${day(expiresAt)}` : 'in force';
}
