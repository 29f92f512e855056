import type { ClassifierTuning } from '../classifier.ts';
import type { EngineData } from '../messages.ts';
import { measuredBatches } from './batches.ts';
import { Engine } from './engine.ts';

/** Altogether, after the first session is there. */
const budgetMs = 1000;
/** A smaller batch or fewer threads that are this close to the best are taken: they leave more for everything else. */
const nearly = 1.03;
const mostRounds = 8;

interface Candidate {
  readonly engine: Engine;
  readonly threads: number;
  readonly batch: number;
}

/**
 * Finds threads and batch of this machine by running black batches. What was set is left as it is. The session of the winner stays, the
 * others are released.
 */
export async function measure(data: EngineData, first: Engine): Promise<{ engine: Engine; tuning: ClassifierTuning }> {
  const deadline = performance.now() + budgetMs;
  const { threads, batch } = data.tuning;
  const tries = data.measure.batch ? measuredBatches : [batch];
  const batches = tries.map((each) => ({ engine: first, threads, batch: each }));
  let best = await fastest(batches, Math.min(deadline, performance.now() + budgetMs / 2));
  const fewer = Math.floor(threads / 2);
  if (data.measure.threads && fewer >= 1 && performance.now() < deadline) {
    const engine = await Engine.load(data, fewer, Math.max(...tries));
    const less = { engine, threads: fewer, batch: best.batch };
    const more = best;
    best = await fastest([more, less], deadline);
    await (best === less ? more : less).engine.release();
  }
  return { engine: best.engine, tuning: { threads: best.threads, batch: best.batch, source: 'measured' } };
}

/** The leanest that is about as fast as the fastest; in turns, so that what else the machine does for a moment slows all of them. */
async function fastest(candidates: readonly Candidate[], deadline: number): Promise<Candidate> {
  const found = candidates.map((candidate) => ({ candidate, ms: Number.POSITIVE_INFINITY }));
  const isOver = (): boolean => performance.now() > deadline;
  for (let round = 0; round < mostRounds && (round === 0 || !isOver()); round++) {
    for (const each of found) {
      if (isOver() && found[0] !== each) break;
      const { engine, batch } = each.candidate;
      // The first run of a shape allocates.
      if (round === 0) await engine.run(batch);
      const begun = performance.now();
      await engine.run(batch);
      each.ms = Math.min(each.ms, (performance.now() - begun) / batch);
    }
  }
  const least = Math.min(...found.map(({ ms }) => ms));
  const near = found.filter(({ ms }) => ms <= least * nearly).map(({ candidate }) => candidate);
  return near.reduce((leanest, each) => (each.threads * each.batch < leanest.threads * leanest.batch ? each : leanest));
}
