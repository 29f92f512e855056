import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { UploadGrant } from '@rookery/contracts';
import { createBuckets, openStore, S3Connection } from '@rookery/storage';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { JobFleet } from './a-fleet.ts';
import { aPhotograph } from './a-service.ts';

const { s3 } = inject('services');

describe.skipIf(!s3.available)('jobs in an S3 bucket', () => {
  const bucket = `test-${randomUUID()}`;
  let connection: S3Connection;
  let fleet: JobFleet;
  let photograph: Buffer;
  beforeAll(async () => {
    const { endpoint, region, credentials } = s3;
    const client = new S3Client({ endpoint, region, credentials: { ...credentials }, forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    client.destroy();
    photograph = await aPhotograph();
    connection = new S3Connection({ endpoint, region, credentials: { ...credentials } });
    const store = await openStore(`s3://${bucket}/rookery`, { s3: connection });
    const buckets = createBuckets({ allow: [`s3://${bucket}`], s3: connection });
    const { JobLedger } = await import('@rookery/jobs');
    const ledger = new JobLedger(store);
    fleet = await JobFleet.start({ jobs: { store, ledger, buckets, uploads: { bucket } } });
  });
  afterAll(async () => {
    await fleet?.[Symbol.asyncDispose]();
    await connection?.[Symbol.asyncDispose]();
  });

  async function grant(names: string[]): Promise<UploadGrant> {
    const files = names.map((name) => ({ name, sizeBytes: photograph.length, type: 'image/jpeg' }));
    return (await (await fleet.call('/v1/uploads', { json: { files } })).json()) as UploadGrant;
  }

  it('are made of pictures that were put straight into the bucket, and read from it', async () => {
    const { upload, slots } = await grant(['a.jpg', 'b c/ü.jpg', 'late.jpg']);
    expect(slots.map(({ url }) => new URL(url).origin)).toEqual(Array(3).fill(s3.endpoint));
    for (const { url, headers } of slots.slice(0, 2)) {
      const answer = await fetch(url, { method: 'PUT', headers, body: new Uint8Array(photograph) });
      expect(answer.status).toBe(200);
    }
    const state = await (await fleet.call(`/v1/uploads/${upload}`)).json();
    expect(state.files.map(({ name }: { name: string }) => name)).toEqual(['a.jpg', 'b c/ü.jpg']);
    const { id } = await fleet.job({ source: { kind: 'upload', upload } });
    expect(await fleet.until(id)).toMatchObject({ pictures: { done: 2, planned: 2 }, failed: 0 });
    const text = await (await fleet.call(`/v1/jobs/${id}/results`)).text();
    const part = await fleet.call(`/v1/jobs/${id}/results`, { headers: { range: 'bytes=100-399' } });
    expect([part.status, await part.text()]).toEqual([206, text.slice(100, 400)]);
    const shown = await fleet.call(`/v1/jobs/${id}/picture?key=uploads/${upload}/a.jpg`);
    expect([shown.status, shown.headers.get('content-type')]).toEqual([200, 'image/webp']);
    const { jobs } = await (await fleet.call('/v1/jobs')).json();
    expect(jobs.map((job: { id: string }) => job.id)).toContain(id);
    expect((await fleet.call(`/v1/jobs/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await fleet.call(`/v1/jobs/${id}`)).status).toBe(404);
  });

  it('never become work themselves: a job of the whole bucket labels what lies beside the store', async () => {
    const { slots } = await grant(['beside.jpg']);
    for (const { url, headers } of slots)
      await fetch(url, { method: 'PUT', headers, body: new Uint8Array(photograph) });
    const { id } = await fleet.job({ source: { kind: 'prefix', bucket, prefix: '', filter: { suffixes: ['*'] } } });
    await fleet.until(id);
    const { lines } = await (await fleet.call(`/v1/jobs/${id}/lines?limit=500`)).json();
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.every(({ key }: { key: string }) => key.startsWith('uploads/'))).toBe(true);
  });

  it.skipIf(s3.broken.signatures !== undefined)(
    'addresses of the bucket are good for one picture of one size and type',
    async () => {
      const { slots } = await grant(['x.jpg']);
      const { url = '', headers = {} } = slots[0] ?? {};
      const put = async (to: string, body: Uint8Array, more: Record<string, string> = {}) =>
        (await fetch(to, { method: 'PUT', headers: { ...headers, ...more }, body: new Uint8Array(body) })).status;
      expect(await put(url, Buffer.alloc(10))).toBe(403);
      expect(await put(url, Buffer.concat([photograph, photograph]))).toBe(403);
      expect(await put(url, photograph, { 'content-type': 'text/html' })).toBe(403);
      expect(await put(url.replace('x.jpg', 'y.jpg'), photograph)).toBe(403);
      expect(await put(url, photograph)).toBe(200);
    },
  );
});
