import { expect } from 'vitest';
import type { ListOptions, ObjectInfo, ObjectStore } from '../../src/index.ts';

export const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
export const bytesOf = (length: number, seed = 1): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7 + seed) & 255);

export async function gather(store: ObjectStore, prefix: string, options?: ListOptions): Promise<ObjectInfo[]> {
  const all: ObjectInfo[] = [];
  for await (const page of store.list(prefix, options)) all.push(...page);
  return all;
}
export const keysOf = async (...args: Parameters<typeof gather>): Promise<string[]> =>
  (await gather(...args)).map(({ key }) => key);

export async function gatherChunks(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

export async function* pieces(...all: (Uint8Array | string)[]): AsyncGenerator<Uint8Array> {
  for (const piece of all) yield typeof piece === 'string' ? Buffer.from(piece) : piece;
}

export const code = (code: string) => expect.objectContaining({ name: 'RookeryError', code });
