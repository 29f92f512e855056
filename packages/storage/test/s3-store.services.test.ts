import { describe, inject } from 'vitest';
import { openStore } from '../src/index.ts';
import { newBucket } from './new-bucket.ts';
import { objectStoreConformance } from './object-store-conformance.ts';

const { s3 } = inject('services');

describe.skipIf(!s3.available || s3.broken['conditional-writes'])('S3', () => {
  objectStoreConformance(`a bucket of ${s3.kind}`, async () => await openStore(`s3://${await newBucket(s3)}`, { s3 }));
  objectStoreConformance(
    `a prefix of a bucket of ${s3.kind}`,
    async () => await openStore(`s3://${await newBucket(s3)}/below/a prefix`, { s3 }),
  );
});
