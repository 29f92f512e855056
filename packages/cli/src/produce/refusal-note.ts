import { type Job, pinDigest } from '@rookery/contracts';
import { findRefusals, type JobLedger } from '@rookery/jobs';
import { printable } from '../ui/printable.ts';

const shown = 3;

/** `2 of 2 workers cannot run it: no birds@3 (fp32) in the registry`; `undefined` where no worker reports it. */
export async function refusalNote({ store }: JobLedger, job: Job, signal: AbortSignal): Promise<string | undefined> {
  const { workers, reasons } = await findRefusals(store, pinDigest(job.pin), signal);
  if (reasons.size === 0) return undefined;
  const refusing = [...reasons.values()].reduce((sum, each) => sum + each, 0);
  const why = [...reasons.keys()].sort().slice(0, shown).map(printable).join('; ');
  return `${refusing} of ${workers} ${workers === 1 ? 'worker' : 'workers'} cannot run it: ${why}`;
}
