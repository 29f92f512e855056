import { expect, it } from 'vitest';
import { ownKeys } from '../src/index.ts';

it.each([
  ['s3://b/rookery/', 'b', 'rookery/labels/b/a.json', true],
  ['s3://b/rookery/', 'b', 'rookery/anything.jpg', true],
  ['s3://b/rookery', 'b', 'rookery/jobs/x', true],
  ['s3://b/rookery/', 'b', 'rookery-photos/a.jpg', false],
  ['s3://b/rookery/', 'b', 'photos/rookery/a.jpg', false],
  ['s3://b/rookery/', 'other', 'rookery/labels/a.jpg', false],
  ['s3://b/', 'b', 'labels/b/a.jpg', true],
  ['s3://b/', 'b', 'jobs/x/results/0.jpg', true],
  ['s3://b/', 'b', 'uploads/a.jpg', false],
  ['s3://b/', 'b', 'labels.jpg', false],
  ['file:///no/such/store/', 'file:///no/such', 'store/labels/a.jpg', true],
  ['file:///no/such/store/', 'file:///no/such', 'store2/a.jpg', false],
  ['file:///no/such/store/', 'file:///no/such/store', 'labels/a.jpg', true],
  ['file:///no/such/store/', 'file:///no/such/store/', 'inbox/a.jpg', false],
  ['file:///no/such/store/', 'file:///no/such/store/inbox', 'labels/a.jpg', false],
  ['file:///no/such/store/', 'file:///no/such/store/labels', 'a/b.jpg', true],
  ['file:///no/such/my%20store/', 'file:///no/such', 'my store/a.jpg', true],
  ['file:///no/such/', 's3bucket', 'jobs/a.jpg', false],
])('below %s, in bucket %s, %s is own: %s', (location, bucket, key, own) => {
  expect(ownKeys(location, bucket)(key)).toBe(own);
});
