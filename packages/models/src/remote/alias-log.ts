import { type AliasRecord, encodeAliasRecord, RookeryError } from '@rookery/contracts';
import { recordOf } from '../alias/aliases.ts';
import type { HeldAlias, RemotePlace } from './place.ts';
import type { RegistryStore } from './registry-store.ts';

/** Records that are kept of an alias: only the last one counts, the others keep a slow writer from coming too late unseen. */
const keptRecords = 8;
const removedText = 'removed\n';

/**
 * Aliases in a store of objects: `<name>/aliases/<alias>/<number>`, ten digits, the highest counts. The next state is put if absent under
 * the next number, which is compare and swap with nothing but conditional creation, as every S3-compatible store with conditional
 * writes has it.
 */
export function aliasLog(
  store: RegistryStore,
  location: string,
): Pick<RemotePlace, 'aliases' | 'readAlias' | 'swapAlias' | 'removeAlias'> {
  const keyOf = (name: string, alias: string, number: number): string =>
    `${name}/aliases/${alias}/${String(number).padStart(10, '0')}`;

  /** The numbers that are there, ascending, by alias. */
  const numbers = async (name: string, alias?: string): Promise<Map<string, number[]>> => {
    const found = new Map<string, number[]>();
    for await (const page of store.list(alias === undefined ? `${name}/aliases/` : `${name}/aliases/${alias}/`))
      for (const { key } of page) {
        const [, called = '', number] = /\/aliases\/([^/]+)\/(\d{10})$/.exec(key) ?? [];
        if (number !== undefined) found.set(called, [...(found.get(called) ?? []), Number(number)]);
      }
    return found;
  };

  const read = async (name: string, alias: string, number: number): Promise<AliasRecord | undefined> => {
    const key = keyOf(name, alias, number);
    const text = new TextDecoder().decode((await store.get(key)).body);
    return text === removedText ? undefined : recordOf(text, `${location}/${key}`);
  };

  const last = async (name: string, alias: string): Promise<{ number: number; record: AliasRecord | undefined }> => {
    for (;;) {
      const number = (await numbers(name, alias)).get(alias)?.at(-1) ?? 0;
      if (number === 0) return { number, record: undefined };
      try {
        return { number, record: await read(name, alias, number) };
      } catch (error) {
        // Moved on and tidied up since it was listed.
        if (!(error instanceof RookeryError) || error.code !== 'OBJECT_NOT_FOUND') throw error;
      }
    }
  };

  const append = async (name: string, alias: string, after: number, text: string): Promise<boolean> => {
    const key = keyOf(name, alias, after + 1);
    if ((await store.put(key, text, { ifAbsent: true })) === 'exists') return false;
    const all = (await numbers(name, alias)).get(alias) ?? [];
    if (after > 0 && !all.includes(after)) {
      // So late that the number was used and tidied up meanwhile.
      await store.delete([key]);
      return false;
    }
    await store.delete(all.slice(0, -keptRecords).map((number) => keyOf(name, alias, number)));
    return true;
  };

  return {
    async aliases(name) {
      const records = await Promise.all(
        [...(await numbers(name)).keys()]
          .sort()
          .map(async (alias) => [alias, (await last(name, alias)).record] as const),
      );
      return Object.fromEntries(records.filter((entry): entry is [string, AliasRecord] => entry[1] !== undefined));
    },
    async readAlias(name, alias): Promise<HeldAlias | undefined> {
      const { number, record } = await last(name, alias);
      return record && { record, revision: String(number) };
    },
    async swapAlias(name, alias, record, revision) {
      const now = await last(name, alias);
      // An alias that was removed has a number, but no revision.
      const after = revision === undefined ? (now.record ? undefined : now.number) : Number(revision);
      return after !== undefined && append(name, alias, after, encodeAliasRecord(record));
    },
    async removeAlias(name, alias) {
      for (;;) {
        const { number, record } = await last(name, alias);
        if (!record || (await append(name, alias, number, removedText))) return;
      }
    },
  };
}
