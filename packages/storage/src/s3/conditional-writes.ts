import { randomUUID } from 'node:crypto';
import type { S3Connection } from './s3-connection.ts';
import { nameOf, statusOf } from './s3-errors.ts';

/**
 * Finds out whether the server keeps `If-None-Match: *` on puts, by putting one object twice. Some servers refuse the header, others
 * ignore it and overwrite: both are no. The object lies under the store's own prefix and is deleted again.
 */
export async function probeConditionalWrites(
  connection: S3Connection,
  bucket: string,
  prefix: string,
): Promise<boolean> {
  const Key = `${prefix}.rookery-probe-${randomUUID()}`;
  const put = () =>
    connection.request('probing for conditional writes', undefined, async ({ sdk, client }) => {
      try {
        await client.send(new sdk.PutObjectCommand({ Bucket: bucket, Key, Body: 'probe', IfNoneMatch: '*' }));
        return 'written';
      } catch (error) {
        if (statusOf(error) === 412) return 'refused';
        if (statusOf(error) === 501 || nameOf(error) === 'NotImplemented' || nameOf(error) === 'InvalidArgument')
          return 'unknown';
        throw error;
      }
    });
  // The first may be refused, too: where its answer was lost and it was sent again.
  if ((await put()) === 'unknown') return false;
  const second = await put();
  await connection.request('ending the probe for conditional writes', undefined, ({ sdk, client }) =>
    client.send(new sdk.DeleteObjectCommand({ Bucket: bucket, Key })),
  );
  return second === 'refused';
}
