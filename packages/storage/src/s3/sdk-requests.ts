import type { Readable } from 'node:stream';
import { type ObjectRequests, rangeHeader, type Wanted } from './object-requests.ts';
import type { Loaded } from './s3-connection.ts';

const inputOf = ({ ifMatch, versionId, range }: Wanted) => ({
  ...(ifMatch !== undefined && { IfMatch: `"${ifMatch}"` }),
  ...(versionId !== undefined && { VersionId: versionId }),
  ...(range && { Range: rangeHeader(range) }),
});

const sending = (signal: AbortSignal | undefined) => (signal ? { abortSignal: signal } : {});

/** Through the SDK: every kind of endpoint, credential and redirect. About 0.6 ms of processor a request. */
export const sdkRequests = ({ sdk, client }: Loaded, Bucket: string): ObjectRequests => ({
  async get(Key, wanted, signal) {
    const answer = await client.send(new sdk.GetObjectCommand({ Bucket, Key, ...inputOf(wanted) }), sending(signal));
    return { ...answer, body: answer.Body as Readable };
  },
  async head(Key, wanted, signal) {
    return await client.send(new sdk.HeadObjectCommand({ Bucket, Key, ...inputOf(wanted) }), sending(signal));
  },
  async put(Key, { body, contentType, ifAbsent }, signal) {
    await client.send(
      new sdk.PutObjectCommand({
        Bucket,
        Key,
        Body: body,
        ContentLength: body.byteLength,
        ...(contentType !== undefined && { ContentType: contentType }),
        ...(ifAbsent && { IfNoneMatch: '*' }),
      }),
      sending(signal),
    );
  },
});
