import { expect, it } from 'vitest';
import { isLater } from '../src/events/bucket-event.ts';
import { parseEvents } from '../src/events/parse-event.ts';

const s3 = (eventName: string, key: string, more: object = {}) => ({
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  awsRegion: 'eu-central-1',
  eventTime: '2026-11-24T12:00:00.000Z',
  eventName,
  s3: {
    s3SchemaVersion: '1.0',
    bucket: { name: 'pictures', arn: 'arn:aws:s3:::pictures' },
    object: { key, size: 10, eTag: 'd41d8', sequencer: '0055AED6DCD90281E5', ...more },
  },
});
const message = (...records: unknown[]) => JSON.stringify({ Records: records });
const sns = (body: string) =>
  JSON.stringify({
    Type: 'Notification',
    MessageId: 'x',
    TopicArn: 'arn:aws:sns:eu:1:t',
    Message: body,
    Timestamp: 'now',
  });
const bridge = (type: string, key: string, more: object = {}) =>
  JSON.stringify({
    version: '0',
    id: 'x',
    'detail-type': type,
    source: 'aws.s3',
    detail: {
      version: '0',
      bucket: { name: 'pictures' },
      object: { key, size: 1, etag: 'd41d8', sequencer: '00617F' },
      ...more,
    },
  });
const minio = JSON.stringify({
  EventName: 's3:ObjectCreated:Put',
  Key: 'pictures/a.jpg',
  Records: [{ ...s3('s3:ObjectCreated:Put', 'a.jpg'), eventSource: 'minio:s3' }],
});

it.each<[string, string, [kind: string, key: string][]]>([
  ['an object that was put', message(s3('ObjectCreated:Put', 'a.jpg')), [['created', 'a.jpg']]],
  ['posted', message(s3('ObjectCreated:Post', 'a.jpg')), [['created', 'a.jpg']]],
  ['copied', message(s3('ObjectCreated:Copy', 'a.jpg')), [['created', 'a.jpg']]],
  ['completed in parts', message(s3('ObjectCreated:CompleteMultipartUpload', 'a.jpg')), [['created', 'a.jpg']]],
  ['removed', message(s3('ObjectRemoved:Delete', 'a.jpg')), [['removed', 'a.jpg']]],
  ['marked as deleted', message(s3('ObjectRemoved:DeleteMarkerCreated', 'a.jpg')), [['removed', 'a.jpg']]],
  ['expired', message(s3('LifecycleExpiration:Delete', 'a.jpg')), [['removed', 'a.jpg']]],
  ['with a space', message(s3('ObjectCreated:Put', 'a+b.jpg')), [['created', 'a b.jpg']]],
  ['with a plus', message(s3('ObjectCreated:Put', 'a%2Bb.jpg')), [['created', 'a+b.jpg']]],
  [
    'with letters of the world',
    message(s3('ObjectCreated:Put', 'v%C3%B6gel/%F0%9F%90%A6.jpg')),
    [['created', 'vögel/🐦.jpg']],
  ],
  ['with a percent sign', message(s3('ObjectCreated:Put', '100%25.jpg')), [['created', '100%.jpg']]],
  ['with a version', message(s3('ObjectCreated:Put', 'a.jpg', { versionId: 'v1' })), [['created', 'a.jpg']]],
  ['without an etag', message(s3('ObjectCreated:Put', 'a.jpg', { eTag: undefined })), [['created', 'a.jpg']]],
  [
    'several records',
    message(s3('ObjectCreated:Put', 'a'), s3('ObjectRemoved:Delete', 'b')),
    [
      ['created', 'a'],
      ['removed', 'b'],
    ],
  ],
  ['no records', message(), []],
  ['wrapped by SNS', sns(message(s3('ObjectCreated:Put', 'a+b.jpg'))), [['created', 'a b.jpg']]],
  ['wrapped by SNS twice', sns(sns(message(s3('ObjectCreated:Put', 'a.jpg')))), [['created', 'a.jpg']]],
  ['by EventBridge, whose keys are plain', bridge('Object Created', 'a+b %20.jpg'), [['created', 'a+b %20.jpg']]],
  [
    'deleted, by EventBridge',
    bridge('Object Deleted', 'a.jpg', { reason: 'Lifecycle Expiration' }),
    [['removed', 'a.jpg']],
  ],
  ['EventBridge by way of SNS', sns(bridge('Object Created', 'a.jpg')), [['created', 'a.jpg']]],
  ['as MinIO writes it', minio, [['created', 'a.jpg']]],
  ['a test event', JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'pictures' }), []],
  ['a test event by way of SNS', sns(JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent' })), []],
  ['tags, which are no new bytes', message(s3('ObjectTagging:Put', 'a.jpg')), []],
  ['a restore', message(s3('ObjectRestore:Completed', 'a.jpg')), []],
  ['an access list, by EventBridge', bridge('Object ACL Updated', 'a.jpg'), []],
])('%s', (_name, body, expected) => {
  const { events, malformed } = parseEvents(body);
  expect(malformed).toEqual([]);
  expect(events.map(({ kind, key }) => [kind, key])).toEqual(expected);
  for (const { bucket } of events) expect(bucket).toBe('pictures');
});

it.each<[string, string]>([
  ['nothing', ''],
  ['text', 'hello'],
  ['null', 'null'],
  ['a number', '7'],
  ['a list', '[]'],
  ['another object', '{"hello":"world"}'],
  ['records that are none', '{"Records":{}}'],
  ['a record without an object', message({ eventName: 'ObjectCreated:Put', s3: { bucket: { name: 'b' } } })],
  ['a key that is not encoded right', message(s3('ObjectCreated:Put', '%E0%A4%A.jpg'))],
  ['an empty key', message(s3('ObjectCreated:Put', ''))],
  ['a key that is too long', message(s3('ObjectCreated:Put', 'x'.repeat(2000)))],
  ['a key with NUL', message(s3('ObjectCreated:Put', 'a%00.jpg'))],
  [
    'an event of another service',
    JSON.stringify({ 'detail-type': 'EC2 Instance Launch', source: 'aws.ec2', detail: {} }),
  ],
  [
    'a subscription to confirm',
    JSON.stringify({ Type: 'SubscriptionConfirmation', Message: 'x', SubscribeURL: 'https://x' }),
  ],
  ['wrapped without end', sns(sns(sns(sns(sns(message())))))],
])('%s is set aside with a reason', (_name, body) => {
  const { events, malformed } = parseEvents(body);
  expect(events).toEqual([]);
  expect(malformed).toHaveLength(1);
  expect(['TASK_MALFORMED', 'KEY_INVALID']).toContain(malformed[0]?.code);
});

it('a bad record does not take its neighbours with it', () => {
  const { events, malformed } = parseEvents(
    message(s3('ObjectCreated:Put', 'a.jpg'), 'nonsense', s3('ObjectCreated:Put', 'b.jpg')),
  );
  expect(events.map(({ key }) => key)).toEqual(['a.jpg', 'b.jpg']);
  expect(malformed).toHaveLength(1);
});

it('an etag comes without quotes, as stores give it', () => {
  expect(parseEvents(message(s3('ObjectCreated:Put', 'a.jpg', { eTag: '"abc"' }))).events[0]?.etag).toBe('abc');
});

it('of two sequencers the greater is later, the shorter filled up with zeros', () => {
  const at = (sequencer?: string) => ({ kind: 'created', bucket: 'b', key: 'k', sequencer }) as const;
  expect(isLater(at('0056'), at('0055AED6'))).toBe(true);
  expect(isLater(at('0055AED6'), at('0056'))).toBe(false);
  expect(isLater(at('0055aed6'), at('0055AED6'))).toBe(true);
  expect(isLater(at(), at('0055AED6'))).toBe(true);
});
