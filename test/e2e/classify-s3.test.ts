import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { photograph } from './pictures.ts';
import { rookery } from './rookery.ts';

const { s3 } = inject('services');
const bucket = `classify-${process.pid}-${Date.now()}`;
const cwd = mkdtempSync(join(tmpdir(), 'rookery-s3-'));
const env = {
  ROOKERY_S3_ENDPOINT: s3.endpoint,
  AWS_REGION: s3.region,
  AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
};

describe.skipIf(!s3.available)('rookery classify of a bucket', () => {
  beforeAll(async () => {
    const { endpoint, region, credentials } = s3;
    const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    const put = (Key: string, Body: Buffer) => client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
    await put('2024/a b+ü.jpg', readFileSync(photograph('black-canyon')));
    await put('2024/readme.txt', Buffer.from('no picture'));
    await put('2024/x.png', Buffer.from('no picture either'));
    await put('2025/c.jpg', readFileSync(photograph('nagasaki-boats')));
    client.destroy();
  });

  const outcomes = async (...sources: readonly string[]) => {
    const { code, stdout } = await rookery(['classify', ...sources, '--format', 'jsonl', '--quiet'], { cwd, env });
    const lines = stdout.split('\n').filter((line) => line !== '');
    return {
      code,
      outcomes: lines
        .map((line) => JSON.parse(line))
        .map(({ source, predictions, error }) => [source, predictions?.[0]?.label ?? error.code]),
    };
  };

  it('labels all pictures of a bucket, of a prefix, and single ones, under their addresses', async () => {
    const a = [`s3://${bucket}/2024/a b+ü.jpg`, 'safe'];
    const x = [`s3://${bucket}/2024/x.png`, 'UNSUPPORTED_FORMAT'];
    const c = [`s3://${bucket}/2025/c.jpg`, 'safe'];
    expect(await outcomes(`s3://${bucket}`)).toEqual({ code: 1, outcomes: [a, x, c] });
    expect(await outcomes(`s3://${bucket}/2025/`, `s3://${bucket}/2024/a b+ü.jpg`)).toEqual({
      code: 0,
      outcomes: [c, a],
    });
  });

  it('says what is not there, in its place', async () => {
    const { code, outcomes: found } = await outcomes(`s3://${bucket}/gone.jpg`, `s3://${bucket}/2025/c.jpg`);
    expect(found).toEqual([
      [`s3://${bucket}/gone.jpg`, 'SOURCE_NOT_FOUND'],
      [`s3://${bucket}/2025/c.jpg`, 'safe'],
    ]);
    expect(code).toBe(1);
  });
});
