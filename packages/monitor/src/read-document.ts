import { RookeryError } from '@rookery/contracts';
import type { ObjectStore } from '@rookery/storage';
import type * as z from 'zod';

const maxBytes = 64 * 1024 * 1024;

export interface ReadDocument<T> {
  readonly value: T;
  readonly lastModified: Date;
}

/** A JSON document of the store; `undefined` where there is none. @throws {RookeryError} INTERNAL where it is not what it should be. */
export async function readDocument<T>(
  store: ObjectStore,
  key: string,
  schema: z.ZodType<T>,
  signal?: AbortSignal,
): Promise<ReadDocument<T> | undefined> {
  try {
    const { body, lastModified } = await store.get(key, { maxBytes, signal });
    return { value: schema.parse(JSON.parse(Buffer.from(body).toString('utf8'))), lastModified };
  } catch (cause) {
    if (cause instanceof RookeryError && cause.code === 'OBJECT_NOT_FOUND') return undefined;
    if (cause instanceof RookeryError) throw cause;
    throw new RookeryError('INTERNAL', { detail: `${store.location}${key} is not what it should be`, cause });
  }
}

export const jsonOptions = { contentType: 'application/json' } as const;
