import { canonicalJson, type Job, type JobSource, type Pin, pinDigest } from '@rookery/contracts';
import { type JobLedger, listJobs, summaryIfComplete } from '@rookery/jobs';

/** The newest complete job of the same bucket, prefix and pin, whatever its filters were; `undefined` where there is none. */
export async function latestJob(
  ledger: JobLedger,
  source: JobSource,
  pin: Pin,
  except: string,
  signal?: AbortSignal,
): Promise<Job | undefined> {
  const [wanted, digest] = [placeOf(source), pinDigest(pin)];
  for (const job of await listJobs(ledger, signal)) {
    if (job.id === except || placeOf(job.source) !== wanted || pinDigest(job.pin) !== digest) continue;
    if (await summaryIfComplete(ledger, job, signal)) return job;
  }
  return undefined;
}

const placeOf = (source: JobSource): string =>
  canonicalJson({ kind: source.kind, bucket: source.bucket, prefix: source.kind === 'prefix' ? source.prefix : '' });
