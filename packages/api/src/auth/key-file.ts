import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolders, RookeryError, Scope } from '@rookery/contracts';
import * as z from 'zod';
import { newKey } from './key-text.ts';

/** A key as the file has it. */
export const KeyRecord = z.strictObject({
  id: z.string().regex(/^[a-z0-9]{10}$/),
  name: z.string().min(1).max(100),
  scopes: z.array(Scope).min(1),
  /** SHA-256 of the key. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().optional(),
  revokedAt: z.iso.datetime().optional(),
});
export type KeyRecord = z.infer<typeof KeyRecord>;

const KeyFile = z.strictObject({ v: z.literal(1), keys: z.array(KeyRecord) });

/** Every key of a file, revoked ones too; none where there is no file. @throws {RookeryError} CONFIG_INVALID */
export async function readKeys(path: string): Promise<KeyRecord[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new RookeryError('CONFIG_INVALID', { detail: `${path} cannot be read`, cause });
  }
  return parseKeys(text, path);
}

/** @param what in the error, such as the file's path. @throws {RookeryError} CONFIG_INVALID */
export function parseKeys(text: string, what: string): KeyRecord[] {
  try {
    return KeyFile.parse(JSON.parse(text)).keys;
  } catch (cause) {
    throw new RookeryError('CONFIG_INVALID', { detail: `${what} is no file of keys`, cause });
  }
}

export interface CreateKeyOptions {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt?: Date | undefined;
}

/** Adds a key to the file, which is made where there is none. The text is nowhere else. */
export async function createKey(
  path: string,
  { name, scopes, expiresAt }: CreateKeyOptions,
): Promise<{ readonly text: string; readonly record: KeyRecord }> {
  const { id, text, hash } = newKey();
  const record = KeyRecord.parse({
    id,
    name,
    scopes: [...new Set(scopes)],
    hash,
    createdAt: new Date().toISOString(),
    ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
  });
  await change(path, (keys) => [...keys, record]);
  return { text, record };
}

/** Revokes the key of this id or, where it is the only one in force of it, this name. @throws {RookeryError} USAGE */
export async function revokeKey(path: string, idOrName: string): Promise<KeyRecord> {
  let revoked: KeyRecord | undefined;
  await change(path, (keys) => {
    const meant = keys.filter(({ id, name, revokedAt }) => !revokedAt && (id === idOrName || name === idOrName));
    const [key, ...others] = meant;
    if (!key) throw new RookeryError('USAGE', { detail: `there is no key "${idOrName}" in force` });
    if (others.length > 0)
      throw new RookeryError('USAGE', { detail: `several keys are called "${idOrName}": name the id` });
    revoked = { ...key, revokedAt: new Date().toISOString() };
    return keys.map((each) => (each === key && revoked ? revoked : each));
  });
  if (!revoked) throw new RookeryError('INTERNAL');
  return revoked;
}

/** One change at a time, whoever makes it; readers see the file before or after. */
async function change(path: string, edit: (keys: readonly KeyRecord[]) => KeyRecord[]): Promise<void> {
  await makeFolders(dirname(path));
  const unlock = await lock(`${path}.lock`);
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const keys = edit(await readKeys(path));
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify({ v: 1, keys }, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
    await unlock();
  }
}

const lockWaitMs = 10_000;
/** What an interrupted command left behind. */
const staleMs = 30_000;

async function lock(path: string): Promise<() => Promise<void>> {
  const until = performance.now() + lockWaitMs;
  for (;;) {
    try {
      await (await open(path, 'wx', 0o600)).close();
      return () => rm(path, { force: true });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST')
        throw new RookeryError('CONFIG_INVALID', { detail: `${path} cannot be written`, cause });
      const age = Date.now() - (await stat(path).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs;
      if (age > staleMs) await rm(path, { force: true });
      else if (performance.now() > until)
        throw new RookeryError('CONFIG_INVALID', { detail: `${path} is held by another command` });
      await sleep(20);
    }
  }
}
