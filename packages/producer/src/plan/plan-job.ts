import type { Job, Sealed, TaskFile } from '@rookery/contracts';
import { forEachParallel, mergeLines, type PlanChunk, workOf } from '@rookery/jobs';
import { type JobEntriesOptions, jobEntries } from './job-entries.ts';
import { type SourcePosition, sourceStart } from './key-source.ts';
import { planChunks } from './plan-chunks.ts';

export interface PlanJobOptions extends JobEntriesOptions {
  /** Tasks that are in the store now, in order. Called again with the same after a restart. */
  onTasks?: ((files: readonly TaskFile[]) => void) | undefined;
  /** Pictures decided at once, by default 8,192. */
  entriesPerChunk?: number | undefined;
  /** Called after each step that is durable, for tests that end the process there. */
  onStep?: ((step: 'decided' | 'task' | 'result' | 'sealed' | 'plan forgotten') => void | Promise<void>) | undefined;
}

const parallelPuts = 16;

/**
 * Writes a job's task files and seals it. Killed at any step and called again, by this process or another, even by two at once, it goes
 * on with the same job: every key of the source once, none lost, none doubled, also where the bucket changed meanwhile.
 *
 * What the next tasks are is decided by one put-if-absent (see `PlanChunk`); only then are they written, in parallel. Whoever comes later
 * reads the last decision, makes sure that all of its tasks are there, and lists on after its last key. Where the source ends is part
 * of the last decision, so that two producers cannot differ about it either.
 */
export async function planJob(job: Job, options: PlanJobOptions): Promise<Sealed> {
  const { ledger, signal, onStep } = options;
  const sealed = await ledger.findSealed(job.id, signal);
  if (sealed) {
    await ledger.forgetPlan(job.id, signal);
    return sealed;
  }
  const last = await ledger.lastDecision(job.id, signal);
  let at = last ? positionAfter(job, last.firstSeq, last.chunk) : sourceStart;
  if (last) await carryOut(job, last.chunk, options);
  let ended = last?.chunk.last === true;
  while (!ended) {
    const planned = planChunks(jobEntries(job, at, options), {
      taskSize: job.taskSize,
      limit: job.source.filter.limit ?? Number.POSITIVE_INFINITY,
      from: at,
      entriesPerChunk: options.entriesPerChunk,
    });
    for await (const chunk of planned) {
      signal?.throwIfAborted();
      const decided = await ledger.decide(job.id, at.seq, chunk, signal);
      await onStep?.('decided');
      at = positionAfter(job, at.seq, decided);
      await carryOut(job, decided, options);
      ended = decided.last;
      // Another producer had decided: go on from where its chunk ends.
      if (decided !== chunk || ended) break;
    }
  }
  const result = await ledger.seal(job.id, { tasks: at.seq, pictures: at.taken }, signal);
  await onStep?.('sealed');
  await ledger.forgetPlan(job.id, signal);
  await onStep?.('plan forgotten');
  return result;
}

function positionAfter(job: Job, firstSeq: number, { tasks }: PlanChunk): SourcePosition {
  const resume = tasks.at(-1)?.resume ?? { taken: firstSeq * job.taskSize };
  return { ...resume, seq: firstSeq + tasks.length };
}

async function carryOut(
  job: Job,
  { tasks }: PlanChunk,
  { ledger, signal, onTasks, onStep }: PlanJobOptions,
): Promise<void> {
  await forEachParallel(tasks, parallelPuts, async (file) => {
    await ledger.putTask(job.id, file, signal);
    await onStep?.('task');
    if (workOf(file).length > 0) return;
    await ledger.writeResult(job.id, file.seq, mergeLines(file, []), signal);
    await onStep?.('result');
  });
  if (tasks.length > 0) onTasks?.(tasks);
}
