import { canonicalJson, type Job, type JobSource, type Pin, pinDigest } from '@rookery/contracts';
import { type JobLedger, listJobs, summaryIfComplete } from '@rookery/jobs';

/**
 * The newest complete job of the same bucket, prefix and pin: one with the same filter where there is one, since a job of a sample or of a
 * few has little to take over; else one with another that has labelled anything. `undefined` where there is none.
 */
export async function latestJob(
  ledger: JobLedger,
  source: JobSource,
  pin: Pin,
  except: string,
  signal?: AbortSignal,
): Promise<Job | undefined> {
  const [wanted, digest, filter] = [placeOf(source), pinDigest(pin), canonicalJson(source.filter)];
  const alike = (await listJobs(ledger, signal)).filter(
    (job) => job.id !== except && placeOf(job.source) === wanted && pinDigest(job.pin) === digest,
  );
  const isSame = (job: Job): boolean => canonicalJson(job.source.filter) === filter;
  for (const job of [...alike.filter(isSame), ...alike.filter((job) => !isSame(job))]) {
    const summary = await summaryIfComplete(ledger, job, signal);
    if (summary && (isSame(job) || summary.pictures > 0)) return job;
  }
  return undefined;
}

const placeOf = (source: JobSource): string =>
  canonicalJson({ kind: source.kind, bucket: source.bucket, prefix: source.kind === 'manifest' ? '' : source.prefix });
