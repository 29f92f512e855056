import { inject, it } from 'vitest';
import { newBucket } from '../../storage/test/new-bucket.ts';
import { aMachine, registerPromoteRollBack } from './registry-scenario.ts';

const { s3 } = inject('services');

it.skipIf(!s3.available || s3.broken['conditional-writes'])(
  'a registry in a bucket is pushed to, promoted in, rolled back, pulled from',
  async () => {
    const bucket = await newBucket(s3);
    const place = `s3://${bucket}/models`;
    const env = {
      ROOKERY_REGISTRY: place,
      ROOKERY_S3_ENDPOINT: s3.endpoint,
      ROOKERY_S3_REGION: s3.region,
      AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
    };
    const [publisher, operator] = [await aMachine(env), await aMachine(env)];
    await registerPromoteRollBack(publisher, operator, place);
  },
);
