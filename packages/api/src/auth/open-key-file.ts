import { stat } from 'node:fs/promises';
import type { Logger } from '@rookery/telemetry';
import { type KeyRecord, parseKeys, readKeys } from './key-file.ts';
import type { KeyStore, StoredKey } from './key-store.ts';
import { equalTexts, hashOf, idIn } from './key-text.ts';

export interface OpenKeyFileOptions {
  /** How often the file is looked at: a revoked key is refused after at most that. @default 2,000 */
  readonly pollMs?: number | undefined;
  readonly log: Logger;
}

/** The keys of a file, which may be changed meanwhile. */
export interface KeyFileStore extends KeyStore, Disposable {
  /** Keys in force. */
  readonly count: number;
  /** Looks at the file now. */
  refresh(): Promise<void>;
}

/** @throws {RookeryError} CONFIG_INVALID where the file is there and cannot be read. */
export async function openKeyFile(path: string, { pollMs = 2_000, log }: OpenKeyFileOptions): Promise<KeyFileStore> {
  let seen = await stampOf(path);
  let keys = byId(await readKeys(path));
  const refresh = async (): Promise<void> => {
    const stamp = await stampOf(path);
    if (stamp === seen) return;
    try {
      keys = byId(await readKeys(path));
      seen = stamp;
      log.info({ keys: keys.size }, 'the keys were changed');
    } catch (err) {
      log.error({ err }, 'the keys cannot be read: those before stay in force');
    }
  };
  const timer = setInterval(() => void refresh(), pollMs).unref();
  return storeOf(() => keys, { refresh, [Symbol.dispose]: () => clearInterval(timer) });
}

/**
 * The keys of a file's content, for places that set variables instead of files. They stay until the process ends.
 *
 * @throws {RookeryError} CONFIG_INVALID where it is no such content.
 */
export function keysFromText(text: string): KeyFileStore {
  const keys = byId(parseKeys(text, 'the given keys'));
  return storeOf(() => keys, { refresh: async () => {}, [Symbol.dispose]: () => {} });
}

function storeOf(
  current: () => ReadonlyMap<string, KeyRecord>,
  life: Pick<KeyFileStore, 'refresh' | typeof Symbol.dispose>,
): KeyFileStore {
  const inForce = (id: string): KeyRecord | undefined => {
    const key = current().get(id);
    return key && !key.revokedAt && !(key.expiresAt && Date.parse(key.expiresAt) <= Date.now()) ? key : undefined;
  };
  return {
    get count() {
      return [...current().keys()].filter((id) => inForce(id)).length;
    },
    find(text) {
      const id = idIn(text);
      const key = id === undefined ? undefined : inForce(id);
      // Compared also where there is no such key, so that nobody learns which ids there are.
      const equal = equalTexts(hashOf(text), key?.hash ?? '');
      return key && equal ? stored(key) : undefined;
    },
    get(id) {
      const key = inForce(id);
      return key && stored(key);
    },
    ...life,
  };
}

const stored = ({ id, name, scopes }: KeyRecord): StoredKey => ({ id, name, scopes });

const byId = (records: readonly KeyRecord[]): Map<string, KeyRecord> => new Map(records.map((key) => [key.id, key]));

const stampOf = async (path: string): Promise<string> => {
  const info = await stat(path).catch(() => undefined);
  return info ? `${info.ino} ${info.mtimeMs} ${info.size}` : 'none';
};
