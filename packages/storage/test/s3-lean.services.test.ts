import { describe, expect, inject, it } from 'vitest';
import { startS3FaultProxy } from '../../../test/services/index.ts';
import { S3Connection } from '../src/index.ts';
import { BucketRequests } from '../src/s3/bucket-requests.ts';
import { leanRequests } from '../src/s3/lean-requests.ts';
import { learnEndpoint } from '../src/s3/learn-endpoint.ts';
import type { ObjectRequests } from '../src/s3/object-requests.ts';
import { readBody } from '../src/s3/read-body.ts';
import { s3Error } from '../src/s3/s3-errors.ts';
import { sdkRequests } from '../src/s3/sdk-requests.ts';
import { newBucket } from './new-bucket.ts';

const { s3 } = inject('services');
const keys = ['plain', 'with space', "odd!'()*~+&=?#%25", 'ünï/鳥/🐦', 'a//b/./c', 'x'.repeat(200)];

/** Everything of an outcome that a caller can see. */
async function outcome(key: string, operation: () => Promise<unknown>): Promise<unknown> {
  try {
    return await operation();
  } catch (error) {
    const { code, retryable } = s3Error(error, key, undefined);
    const { name, $metadata } = error as { name: string; $metadata: { httpStatusCode: number } };
    return { code, retryable, name, status: $metadata.httpStatusCode };
  }
}

async function all(requests: ObjectRequests, key: string): Promise<unknown[]> {
  const signal = undefined;
  const body = Buffer.from(`body of ${key}`);
  const read = async (wanted: Parameters<ObjectRequests['get']>[1]) => {
    const answer = await requests.get(key, wanted, signal);
    const bytes = await readBody(answer.body, { key, contentLength: answer.ContentLength, maxBytes: undefined });
    const { ContentLength, ContentRange, ETag, VersionId } = answer;
    return { text: Buffer.from(bytes).toString(), ContentLength, ContentRange, ETag, VersionId };
  };
  const head = async (wanted: Parameters<ObjectRequests['head']>[1]) => {
    const { ContentLength, ETag, VersionId } = await requests.head(key, wanted, signal);
    return { ContentLength, ETag, VersionId };
  };
  const steps: (() => Promise<unknown>)[] = [
    () => read({}),
    () => head({}),
    () => requests.put(key, { body, ifAbsent: true, contentType: 'text/plain; charset=utf-8' }, signal),
    () => requests.put(key, { body, ifAbsent: true }, signal),
    () => read({}),
    () => read({ range: { start: 2, end: 5 } }),
    () => read({ range: { start: 5_000, end: 6_000 } }),
    () => read({ ifMatch: 'another' }),
    () => head({ ifMatch: 'another' }),
    () => read({ versionId: 'no such version/+&' }),
    () => head({}),
    () => requests.put(key, { body: new Uint8Array(), ifAbsent: false }, signal),
    () => read({}),
  ];
  const outcomes: unknown[] = [];
  for (const step of steps) outcomes.push(await outcome(key, step));
  return outcomes;
}

describe.skipIf(!s3.available)('requests sent without the layers of the SDK', () => {
  it.each(keys)('have the outcomes of those sent with them, for the key %s', async (key) => {
    await using connection = new S3Connection(s3);
    const loaded = await connection.load();
    const [one, two] = [await newBucket(s3), await newBucket(s3)];
    const endpoint = await learnEndpoint(loaded, one);
    if (!endpoint) return expect.fail('nothing was learnt of a plain endpoint');
    const lean = await all(leanRequests(loaded, endpoint, connection.options), key);
    const through = await all(sdkRequests(loaded, two), key);
    expect(lean).toEqual(through);
  });

  it('learns where a bucket is from the SDK: virtual hosts, paths, regions', async () => {
    const at = async (options: ConstructorParameters<typeof S3Connection>[0]) => {
      await using connection = new S3Connection({
        credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
        ...options,
      });
      return await learnEndpoint(await connection.load(), 'pictures');
    };
    expect(await at({ region: 'eu-west-1' })).toEqual({
      ...{ protocol: 'https:', hostname: 'pictures.s3.eu-west-1.amazonaws.com', port: undefined },
      ...{ host: 'pictures.s3.eu-west-1.amazonaws.com', path: '/', region: 'eu-west-1' },
    });
    expect(await at({ endpoint: 'http://127.0.0.1:9000/base', region: 'r-1' })).toEqual({
      ...{ protocol: 'http:', hostname: '127.0.0.1', port: 9000, host: '127.0.0.1:9000' },
      ...{ path: '/base/pictures/', region: 'r-1' },
    });
    expect(await at({ credentials: { accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c' } })).toBeDefined();
  });

  it.each(['RequestTimeTooSkewed', 'PermanentRedirect', 'ExpiredToken'])(
    'give way to the SDK after %s',
    async (code) => {
      await using proxy = await startS3FaultProxy({ endpoint: s3.endpoint });
      await using connection = new S3Connection({ ...s3, endpoint: proxy.endpoint });
      const requests = new BucketRequests(connection, await newBucket(s3));
      proxy.set([{ share: 1, times: 1, fault: { kind: 'status', status: 400, code } }]);
      const object = { body: Buffer.from('x'), ifAbsent: false };
      await requests.do((chosen) => chosen.put('key', object, undefined));
      const { ContentLength } = await requests.do((chosen) => chosen.head('key', {}, undefined));
      expect(ContentLength).toBe(1);
      expect(proxy.counts).toMatchObject({ requests: 3, faults: 1 });
    },
  );
});
