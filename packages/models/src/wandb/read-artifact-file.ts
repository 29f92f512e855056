import type { Artifacts } from './artifacts.ts';

/** The bytes of an artifact's file from byte `start` on; `undefined` where it has no such file. */
export async function readArtifactFile(
  artifacts: Artifacts,
  id: string,
  path: string,
  start = 0,
  signal?: AbortSignal,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  const address = await artifacts.fileAddress(id, path, signal);
  if (address === undefined) return undefined;
  const headers = start > 0 ? { range: `bytes=${start}-` } : {};
  const response = await artifacts.client.send(address, { method: 'GET', headers, presigned: true }, signal);
  return chunksOf(response, start > 0 && response.status === 200 ? start : 0);
}

/** `skipped`: bytes that were sent although nobody asked for them. */
async function* chunksOf(response: Response, skipped: number): AsyncIterable<Uint8Array> {
  let left = skipped;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    const bytes = chunk.subarray(Math.min(left, chunk.byteLength));
    left -= chunk.byteLength - bytes.byteLength;
    if (bytes.byteLength > 0) yield bytes;
  }
}
