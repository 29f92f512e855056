import { mapInOrder, taskOf } from '@rookery/jobs';
import type { Fleet } from './fleet.ts';

/** Sends all tasks of a job once more, as a producer does that lost the answer: nothing says that it is the second time. */
export async function sendAgain(fleet: Fleet, job: string): Promise<void> {
  const made = await fleet.ledger.read(job);
  const sealed = await fleet.ledger.findSealed(job);
  const seqs = Array.from({ length: sealed?.tasks ?? 0 }, (_, seq) => seq);
  await using queues = await fleet.queues();
  for await (const file of mapInOrder(seqs, 16, (seq) => fleet.ledger.readTask(job, seq)))
    await queues.jobs.send([taskOf(made, file)]);
}
