import { CreateBucketCommand, PutBucketCorsCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { photograph } from '../e2e/pictures.ts';
import { type S3Server, startS3 } from '../services/s3.ts';
import { type Served, serve } from './serve.ts';
import { visit } from './visit.ts';

const { chromium, missing } = inject('browser');

describe.skipIf(!chromium)(`uploads from the page into a bucket${missing ? ` (${missing})` : ''}`, () => {
  let s3: S3Server | undefined;
  let served: Served | undefined;
  let noServer = '';
  beforeAll(async () => {
    s3 = await startS3({ kinds: ['versitygw', 'minio', 'moto'] }).catch((error: Error) => {
      noServer = error.message;
      return undefined;
    });
    if (!s3) return;
    const { endpoint, region, credentials } = s3;
    served = await serve(
      ['--store', 's3://pictures/rookery', '--s3-endpoint', endpoint],
      async () => {
        const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
        await client.send(new CreateBucketCommand({ Bucket: 'pictures' }));
        const rule = { AllowedMethods: ['PUT'], AllowedHeaders: ['*'], AllowedOrigins: ['*'] };
        await client.send(new PutBucketCorsCommand({ Bucket: 'pictures', CORSConfiguration: { CORSRules: [rule] } }));
        client.destroy();
      },
      {
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_REGION: region,
      },
    );
  });
  afterAll(async () => {
    await served?.[Symbol.asyncDispose]();
    await s3?.[Symbol.asyncDispose]();
  });

  it('go straight to it, past the service, and become a job', async ({ skip }) => {
    if (!s3 || !served) return skip(`no S3 server: ${noServer}`);
    await using visited = await visit(served.address, { otherOrigin: s3.endpoint });
    const { page } = visited;
    const puts: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'PUT') puts.push(new URL(request.url()).origin);
    });
    await visited.open('#/jobs');
    await page.getByRole('button', { name: 'New job' }).first().click();
    await page.setInputFiles('dialog input[type=file] >> nth=0', ['black-canyon', 'acanthus-mollis'].map(photograph));
    await page.getByLabel('Name').fill('Into the bucket');
    await page.getByRole('button', { name: 'Upload and start' }).click();
    await page.getByRole('heading', { level: 1, name: 'Into the bucket' }).waitFor();
    await page.locator('.view-head .chip.complete').waitFor();
    await expect.poll(() => page.locator('.gallery .result').count()).toBe(2);
    expect(puts).toEqual([s3.endpoint, s3.endpoint]);
    visited.expectQuiet();
  });
});
