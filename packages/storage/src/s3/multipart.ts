import type { S3Connection } from './s3-connection.ts';
import { nameOf, statusOf } from './s3-errors.ts';

/** Of the first 1,000 parts; every further thousand doubles it, so that 10,000 parts reach 5 TiB. S3 wants at least 5 MiB. Bytes. */
const partBytes = 8 * 1024 * 1024;
const partSize = (partNumber: number): number => partBytes * 2 ** Math.floor((partNumber - 1) / 1000);
const partsAtOnce = 4;

/** Cuts a stream into pieces of the sizes that parts must have. Copies each byte once. */
export async function* inParts(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let partNumber = 1;
  let part = new Uint8Array(partSize(partNumber));
  let filled = 0;
  for await (const chunk of chunks) {
    for (let done = 0; done < chunk.byteLength; ) {
      const piece = chunk.subarray(done, done + part.byteLength - filled);
      part.set(piece, filled);
      done += piece.byteLength;
      filled += piece.byteLength;
      if (filled < part.byteLength) continue;
      yield part;
      part = new Uint8Array(partSize(++partNumber));
      filled = 0;
    }
  }
  if (filled > 0 || partNumber === 1) yield part.subarray(0, filled);
}

export interface MultipartTarget {
  readonly connection: S3Connection;
  readonly bucket: string;
  /** With the store's prefix. */
  readonly key: string;
  readonly contentType: string | undefined;
  readonly ifNoneMatch: boolean;
  readonly signal: AbortSignal | undefined;
}

/** Uploads the parts, a few at once, and makes them one object. What fails or is given up leaves no parts behind. */
export async function uploadParts(
  target: MultipartTarget,
  parts: AsyncIterator<Uint8Array> & AsyncIterable<Uint8Array>,
): Promise<'created' | 'exists'> {
  const { connection, bucket, key, signal } = target;
  const where = { Bucket: bucket, Key: key };
  const tried = `uploading ${key}`;
  const { UploadId } = await connection.request(tried, signal, ({ sdk, client }) =>
    client.send(
      new sdk.CreateMultipartUploadCommand({
        ...where,
        ...(target.contentType && { ContentType: target.contentType }),
      }),
      send(signal),
    ),
  );
  const upload = { ...where, UploadId };
  try {
    const done: { PartNumber: number; ETag: string | undefined }[] = [];
    const running = new Set<Promise<void>>();
    let sizeBytes = 0;
    let failure: { cause: unknown } | undefined;
    for await (const part of parts) {
      const PartNumber = done.push({ PartNumber: done.length + 1, ETag: undefined });
      sizeBytes += part.byteLength;
      const one = connection
        .request(tried, signal, ({ sdk, client }) =>
          client.send(new sdk.UploadPartCommand({ ...upload, PartNumber, Body: part }), send(signal)),
        )
        .then(
          ({ ETag }) => {
            done[PartNumber - 1] = { PartNumber, ETag };
          },
          (cause: unknown) => {
            failure ??= { cause };
          },
        )
        .finally(() => running.delete(one));
      running.add(one);
      if (running.size >= partsAtOnce) await Promise.race(running);
      if (failure) break;
    }
    await Promise.all(running);
    if (failure) throw failure.cause;
    return await complete(target, upload, done, sizeBytes);
  } catch (error) {
    await connection
      .request(tried, undefined, ({ sdk, client }) => client.send(new sdk.AbortMultipartUploadCommand(upload)))
      .catch(() => {});
    throw error;
  }
}

async function complete(
  target: MultipartTarget,
  upload: { Bucket: string; Key: string; UploadId: string | undefined },
  parts: { PartNumber: number; ETag: string | undefined }[],
  sizeBytes: number,
): Promise<'created' | 'exists'> {
  const { connection, key, signal } = target;
  return await connection.request(`completing ${key}`, signal, async ({ sdk, client }, attempt) => {
    try {
      await client.send(
        new sdk.CompleteMultipartUploadCommand({
          ...upload,
          MultipartUpload: { Parts: parts },
          ...(target.ifNoneMatch && { IfNoneMatch: '*' }),
        }),
        send(signal),
      );
      return 'created';
    } catch (error) {
      if (target.ifNoneMatch && statusOf(error) === 412) {
        await client.send(new sdk.AbortMultipartUploadCommand(upload)).catch(() => {});
        return 'exists';
      }
      // An answer that was lost: the upload is gone because it is complete.
      if (attempt > 1 && nameOf(error) === 'NoSuchUpload') {
        const found = await client.send(new sdk.HeadObjectCommand({ Bucket: upload.Bucket, Key: key }), send(signal));
        if (found.ContentLength === sizeBytes) return 'created';
      }
      throw error;
    }
  });
}

const send = (signal: AbortSignal | undefined) => (signal ? { abortSignal: signal } : {});
