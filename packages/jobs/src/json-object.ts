import { RookeryError } from '@rookery/contracts';
import type { ObjectStore } from '@rookery/storage';
import type * as z from 'zod';

/** Larger than any of the ledger's documents: a chunk of a plan with all its lines taken over is the largest. Bytes. */
const maxDocumentBytes = 256 * 1024 * 1024;

/** The document under the key, parsed and checked; `undefined` where there is none. @throws {RookeryError} INTERNAL where it is not one. */
export async function getJson<T>(
  store: ObjectStore,
  key: string,
  schema: z.ZodType<T>,
  signal?: AbortSignal,
): Promise<T | undefined> {
  const body = await getOrNothing(store, key, signal);
  if (body === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')));
  } catch (cause) {
    throw new RookeryError('INTERNAL', { detail: `${store.location}${key} is not what it should be`, cause });
  }
}

/** The bytes under the key; `undefined` where there is nothing. */
export async function getOrNothing(
  store: ObjectStore,
  key: string,
  signal?: AbortSignal,
): Promise<Uint8Array | undefined> {
  try {
    return (await store.get(key, { maxBytes: maxDocumentBytes, signal })).body;
  } catch (error) {
    if (error instanceof RookeryError && error.code === 'OBJECT_NOT_FOUND') return undefined;
    throw error;
  }
}

export const jsonOptions = { contentType: 'application/json' } as const;
