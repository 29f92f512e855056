import { RookeryError } from '@rookery/contracts';
import type { S3Connection } from './s3-connection.ts';
import { nameOf, s3Error, statusOf } from './s3-errors.ts';

/** What S3 takes in one request. */
const keysAtOnce = 1000;
const notThere = new Set(['NoSuchKey', 'NotFound', 'NoSuchVersion']);
/** Answers of servers that know only single deletes. */
const onlySingle = new Set(['NotImplemented', 'MethodNotAllowed', 'MissingContentMD5', 'MissingContentMd5']);

/** Deletes the keys, a thousand a request. Throws what the first key that stayed met, and how many stayed. */
export async function deleteKeys(
  connection: S3Connection,
  bucket: string,
  keys: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let i = 0; i < keys.length; i += keysAtOnce) {
    const batch = keys.slice(i, i + keysAtOnce);
    const together =
      batch.length > 1 && batch.every(isXml) ? await deleteTogether(connection, bucket, batch, signal) : false;
    if (!together) await Promise.all(batch.map((key) => deleteOne(connection, bucket, key, signal)));
  }
}

/** Control characters cannot be written in the XML of a batch. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const isXml = (key: string): boolean => !/[\u0000-\u001f\ufffe\uffff]/.test(key);

async function deleteOne(
  connection: S3Connection,
  Bucket: string,
  Key: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  await connection.request(`deleting ${Key}`, signal, async ({ sdk, client }) => {
    try {
      await client.send(new sdk.DeleteObjectCommand({ Bucket, Key }), signal ? { abortSignal: signal } : {});
    } catch (error) {
      if (!notThere.has(nameOf(error))) throw error;
    }
  });
}

/** Resolves to false where the server does not know batches. */
async function deleteTogether(
  connection: S3Connection,
  Bucket: string,
  batch: readonly string[],
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const tried = `deleting ${batch.length} objects`;
  return await connection.request(tried, signal, async ({ sdk, client }) => {
    try {
      const { Errors = [] } = await client.send(
        new sdk.DeleteObjectsCommand({ Bucket, Delete: { Quiet: true, Objects: batch.map((Key) => ({ Key })) } }),
        signal ? { abortSignal: signal } : {},
      );
      const stayed = Errors.filter(({ Code = '' }) => !notThere.has(Code));
      const [first] = stayed;
      if (!first) return true;
      const cause = Object.assign(new Error(first.Message ?? ''), { name: first.Code ?? 'Unknown' });
      const { code, retryable } = s3Error(cause, tried, signal);
      throw new RookeryError(code, {
        detail: `${tried}: ${stayed.length} stayed, ${first.Key}: ${first.Code}`,
        cause,
        retryable,
      });
    } catch (error) {
      if (onlySingle.has(nameOf(error)) || statusOf(error) === 501) return false;
      throw error;
    }
  });
}
