import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { freePort } from '../../services/free-port.ts';
import type { S3Service, Services } from '../../services/services.ts';
import { photograph } from '../pictures.ts';
import { rookeryFile } from '../rookery.ts';
import type { ShellOptions } from './shell.ts';

const names = ['acanthus-mollis', 'black-canyon', 'march-pastoral', 'nagasaki-boats'];
const starter = new URL('../../../packages/models/dist/starter/', import.meta.url);

/** What a reader of a page has: `rookery`, four photographs, a model file; a bucket with the photographs and a Redis where it asks for them. */
export async function aReader(folder: string, name: string, services: Services): Promise<ShellOptions> {
  const { redis, s3 } = services;
  const port = await freePort();
  const bucket = `${name}-${process.pid}`;
  await mkdir(join(folder, 'bin'));
  await writeFile(join(folder, 'bin/rookery'), `#!/bin/sh\nexec "${process.execPath}" "${rookeryFile}" "$@"\n`);
  await chmod(join(folder, 'bin/rookery'), 0o755);
  await mkdir(join(folder, 'photos'));
  for (const picture of names) await copyFile(photograph(picture), join(folder, 'photos', `${picture}.jpg`));
  await copyFile(new URL('model.fp32.onnx', starter), join(folder, 'my-model.onnx'));
  await copyFile(new URL('labels.txt', starter), join(folder, 'my-labels.txt'));
  if (s3.available) await fill(bucket, s3);
  return {
    cwd: folder,
    env: {
      PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
      HOME: folder,
      ROOKERY_PORT: String(port),
      ROOKERY_THREADS: '1',
      ROOKERY_BATCH: '4',
      ROOKERY_QUEUE_NAME: name,
      AWS_ENDPOINT_URL_S3: s3.endpoint,
      AWS_REGION: s3.region,
      AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
    },
    instead: new Map([
      ['127.0.0.1:5000', `127.0.0.1:${port}`],
      ['redis://localhost:6379', redis.url],
      ['s3://photos', `s3://${bucket}`],
      ['ROOKERY_SOURCES=photos', `ROOKERY_SOURCES=${bucket}`],
    ]),
  };
}

async function fill(bucket: string, { endpoint, region, credentials }: S3Service): Promise<void> {
  const client = new S3Client({ endpoint, region, credentials: { ...credentials }, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  for (const picture of names) {
    const Body = await readFile(photograph(picture));
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: `spring/${picture}.jpg`, Body }));
  }
  client.destroy();
}
