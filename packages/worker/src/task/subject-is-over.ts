import { findLabel, JobLedger } from '@rookery/jobs';
import type { ObjectStore } from '@rookery/storage';
import type { Subject } from '../isolation/in-flight-markers.ts';

interface SubjectPlaces {
  readonly store: ObjectStore;
  readonly buckets: { open(bucket: string): ObjectStore };
}

/** Whether there is nothing left to do for what was in flight when a process ended. Where a store does not answer there may be. */
export function subjectIsOver({ store, buckets }: SubjectPlaces): (subject: Subject) => Promise<boolean> {
  const ledger = new JobLedger(store);
  return async (subject) => {
    try {
      if ('job' in subject)
        return (await ledger.resultExists(subject.job, subject.seq)) || (await ledger.isCancelled(subject.job));
      const picture = await buckets.open(subject.bucket).head(subject.key);
      if (picture === undefined) return true;
      return (await findLabel(store, subject.bucket, subject.key))?.etag === picture.etag;
    } catch {
      return false;
    }
  };
}
