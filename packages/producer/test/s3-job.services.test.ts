import { JobLedger, JobWatch, listJobs, missingTasks, summaryIfComplete } from '@rookery/jobs';
import { openStore } from '@rookery/storage';
import { silentLogger } from '@rookery/telemetry';
import { describe, expect, inject, it } from 'vitest';
import '../../../test/services/setup.ts';
import { counting } from '../../jobs/test/fixtures.ts';
import { newBucket } from '../../storage/test/new-bucket.ts';
import { enqueueJob, Feeder, reconcileLabels } from '../src/index.ts';
import { aMemoryQueue, aPin, aRequest, plannedKeys, work } from './fixtures.ts';

const { s3 } = inject('services');

describe.skipIf(!s3.available || s3.broken['conditional-writes'])(
  'a job in an S3 bucket, results in the same bucket',
  () => {
    const keys = [...Array.from({ length: 24 }, (_, at) => `in/${String(at).padStart(3, '0')}.jpg`), 'in/ü 🐦+.jpg'];

    async function aPlace() {
      const bucket = await newBucket(s3);
      const pictures = await openStore(`s3://${bucket}`, { s3 });
      await Promise.all(keys.map((key) => pictures.put(key, `picture ${key}`)));
      const ledger = new JobLedger(await openStore(`s3://${bucket}/rookery`, { s3 }));
      return { bucket, pictures: counting(pictures), ledger, queue: await aMemoryQueue() };
    }

    it('is planned, done, summed up, and taken over without reading an unchanged picture', async () => {
      const { bucket, pictures, ledger, queue } = await aPlace();
      const open = () => pictures;
      const source = { kind: 'prefix', bucket, prefix: '', filter: {} } as const;
      const run = async (id: string, since?: string) => {
        await using feeder = new Feeder({ ledger, queue, log: silentLogger });
        const { job } = await enqueueJob(aRequest(bucket, { id, source, taskSize: 4, since }), {
          ledger,
          open,
          feeder,
        });
        await feeder.round();
        pictures.keysRead.length = 0;
        await work(queue, ledger, pictures);
        return job;
      };
      const job = await run('first');
      expect(await plannedKeys(ledger, 'first')).toEqual(keys);
      expect(await missingTasks(ledger, 'first')).toEqual([]);
      expect(await summaryIfComplete(ledger, job)).toMatchObject({ pictures: 25, labelled: 25 });
      await pictures.put('in/007.jpg', 'changed');
      await run('second', 'latest');
      expect(pictures.keysRead).toEqual(['in/007.jpg']);
      expect(await (await JobWatch.open(ledger, 'second')).look()).toMatchObject({
        state: 'complete',
        pictures: { done: 25 },
      });
      expect((await listJobs(ledger)).map(({ id }) => id).sort()).toEqual(['first', 'second']);
      await ledger.delete('first');
      expect((await listJobs(ledger)).map(({ id }) => id)).toEqual(['second']);
    });

    it('has its pictures compared with labels, its own results left out', async () => {
      const { bucket, pictures, ledger } = await aPlace();
      const queue = await aMemoryQueue('test-events');
      await ledger.store.put('labels/trap.jpg', 'own');
      const options = { store: ledger.store, pictures, bucket, prefix: '', queue, pinFor: () => aPin, top: 1 };
      expect(await reconcileLabels(options)).toMatchObject({ pictures: 25, enqueued: 25, orphans: 0 });
    });
  },
);
