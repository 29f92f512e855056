import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, PutBucketNotificationConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { labelsOf, parseResultLine } from '@rookery/contracts';
import type { ObjectStore } from '@rookery/storage';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { s3Store, sqsQueue } from '../faults/harness/backends.ts';
import { expectEmptyQueues, expectNoProcesses } from '../faults/harness/expectations.ts';
import { Fleet } from '../faults/harness/fleet.ts';
import { aPicture } from '../faults/harness/pictures.ts';
import { until } from '../faults/harness/until.ts';

// The one server that has both S3 and SQS, and tells the queue what happens in the bucket.
const { moto } = inject('services');

describe.skipIf(!moto.available || moto.broken.notifications !== undefined)(
  'rookery ingest on bucket notifications',
  () => {
    let bucket: string;
    let events: string;
    let fleet: Fleet;
    let photos: ObjectStore;
    let sqs: SQSClient;
    let eventsUrl: string;
    beforeEach(async () => {
      bucket = `photos-${randomUUID().slice(0, 8)}`;
      events = `${bucket}-events`;
      const { endpoint, region, credentials } = moto;
      const options = { endpoint, region, credentials: { ...credentials } };
      sqs = new SQSClient(options);
      const s3 = new S3Client({ ...options, forcePathStyle: true });
      eventsUrl = (await sqs.send(new CreateQueueCommand({ QueueName: events }))).QueueUrl ?? '';
      const read = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: eventsUrl, AttributeNames: ['QueueArn'] }));
      await s3.send(new CreateBucketCommand({ Bucket: bucket }));
      // Of the whole bucket: what Rookery itself writes into it is told, too.
      const told = {
        QueueArn: read.Attributes?.QueueArn,
        Events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'] as const,
      };
      await s3.send(
        new PutBucketNotificationConfigurationCommand({
          Bucket: bucket,
          NotificationConfiguration: { QueueConfigurations: [{ ...told, Events: [...told.Events] }] },
        }),
      );
      s3.destroy();
      const pictures = s3Store({ bucket }, moto);
      const store = s3Store({ bucket, prefix: 'rookery/' }, moto);
      fleet = await Fleet.open({ queue: sqsQueue(`fleet-${randomUUID().slice(0, 8)}`, moto), pictures, store });
      photos = await pictures.open();
    });
    afterEach(async () => {
      await fleet[Symbol.asyncDispose]();
      await photos[Symbol.asyncDispose]();
      sqs.destroy();
    });

    /** Labels by key of the picture, with the etag that they are of. */
    const labels = async (): Promise<Record<string, string>> => {
      const found: Record<string, string> = {};
      for await (const page of fleet.store.list(labelsOf(bucket)))
        for (const { key } of page) {
          // Listed, and taken away since.
          const object = await fleet.store.get(key).catch(() => undefined);
          if (!object) continue;
          const line = parseResultLine(Buffer.from(object.body).toString());
          found[line.key] = `${line.etag} ${line.error?.code ?? line.predictions.length}`;
        }
      return found;
    };
    const untilLabelled = async (keys: readonly string[]): Promise<void> => {
      const wanted: Record<string, string> = {};
      for (const key of keys) wanted[key] = `${(await photos.head(key))?.etag} 2`;
      let seen: unknown;
      await until(
        'the labels are those of the pictures that are there',
        async () => {
          seen = await labels();
          return JSON.stringify(sorted(seen as Record<string, string>)) === JSON.stringify(sorted(wanted));
        },
        { seen: () => [seen, wanted, fleet.said()] },
      );
    };
    const sorted = (object: Record<string, string>) => Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));

    it('labels what is put, again what is overwritten, and takes away the label of what is removed', async () => {
      const ingest = fleet.start(['ingest', '--events', events], { env: { AWS_ENDPOINT_URL_SQS: moto.endpoint } });
      await ingest.says('waiting for events');
      fleet.worker();
      const keys = ['a.jpg', 'deep/er/b.jpg', 'with space & +plus.jpg', 'ümläut/ä.jpg', 'c.jpg'];
      for (const [seed, key] of keys.entries()) await photos.put(key, await aPicture(seed));
      await photos.put('readme.txt', 'no picture');
      await untilLabelled(keys);
      await photos.put('a.jpg', await aPicture(100));
      await photos.delete(['c.jpg']);
      await untilLabelled(keys.slice(0, -1));
      // Killed in the middle of a burst and started again: every event has come to a label.
      const burst = Array.from({ length: 60 }, (_, at) => `burst/${String(at).padStart(2, '0')}.jpg`);
      for (const [seed, key] of burst.slice(0, 30).entries()) await photos.put(key, await aPicture(200 + seed));
      await ingest.kill();
      for (const [seed, key] of burst.slice(30).entries()) await photos.put(key, await aPicture(300 + seed));
      const again = fleet.start(['ingest', '--events', events]);
      await untilLabelled([...keys.slice(0, -1), ...burst]);
      // Its own writes, told as events, have become no work: nothing is left to do and nothing comes any more.
      await expectEmptyQueues(fleet, []);
      await until('all events are forgotten', async () => {
        const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
        const { Attributes } = await sqs.send(
          new GetQueueAttributesCommand({ QueueUrl: eventsUrl, AttributeNames: [...AttributeNames] }),
        );
        return AttributeNames.every((name) => Attributes?.[name] === '0');
      });
      expect(Object.keys(await labels()).some((key) => key.startsWith('rookery/'))).toBe(false);
      expect(again.hasEnded).toBe(false);
      expect((await fleet.stop()).map(({ code }) => code)).toEqual([0, 0]);
      await expectNoProcesses(fleet);
    });

    it('loses nothing where all events are lost: reconcile compares pictures with labels', async () => {
      for (const key of ['a.jpg', 'b.jpg', 'c.jpg']) await photos.put(key, await aPicture(key.charCodeAt(0)));
      fleet.worker();
      expect(await fleet.run(['reconcile', `s3://${bucket}`])).toBe('3 pictures, 3 enqueued\n');
      await untilLabelled(['a.jpg', 'b.jpg', 'c.jpg']);
      await photos.put('b.jpg', await aPicture(7));
      await photos.delete(['c.jpg']);
      expect(await fleet.run(['reconcile', `s3://${bucket}`, '--remove-orphans'])).toMatch(
        /^2 pictures, 1 enqueued, 1 labels removed/,
      );
      await untilLabelled(['a.jpg', 'b.jpg']);
      expect(await fleet.run(['reconcile', `s3://${bucket}`, '--verify'])).toBe('2 pictures, 0 enqueued\n');
      await expectEmptyQueues(fleet, []);
    });
  },
);
